package jkvm.app.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a cpio archive of the "newc" kind, as Linux unpacks it into its initial file system (kernel documentation,
 * driver-api/early-userspace/buffer-format). Owner and group are root, times are zero: equal contents give equal bytes.
 * One thread at a time.
 */
public final class CpioWriter implements AutoCloseable {
    private static final String MAGIC = "070701";
    private static final String TRAILER = "TRAILER!!!";
    private static final int TYPE_FOLDER = 0040000;
    private static final int TYPE_FILE = 0100000;
    private static final int TYPE_LINK = 0120000;
    private static final int TYPE_CHARACTER_DEVICE = 0020000;

    private final OutputStream out;
    private int inode;
    private long written;

    /** @param out closed by {@link #close()} */
    public CpioWriter(OutputStream out) {
        this.out = out;
    }

    /** @param path without a leading slash; the folder above it comes first */
    public void folder(String path) throws IOException {
        entry(path, TYPE_FOLDER | 0755, 0, new byte[0]);
    }

    /** @param permissions such as 0644 */
    public void file(String path, int permissions, byte[] content) throws IOException {
        entry(path, TYPE_FILE | permissions, 0, content);
    }

    /** A symbolic link. */
    public void link(String path, String target) throws IOException {
        entry(path, TYPE_LINK | 0777, 0, target.getBytes(StandardCharsets.UTF_8));
    }

    /** A character device node of mode 0600. */
    public void characterDevice(String path, int major, int minor) throws IOException {
        entry(path, TYPE_CHARACTER_DEVICE | 0600, (long) major << 32 | minor, new byte[0]);
    }

    private void entry(String path, int mode, long device, byte[] content) throws IOException {
        byte[] name = (path + '\0').getBytes(StandardCharsets.UTF_8);
        int links = path.equals(TRAILER) ? 1 : (mode & TYPE_FOLDER) != 0 && (mode & TYPE_FILE) == 0 ? 2 : 1;
        String header = MAGIC + hex(path.equals(TRAILER) ? 0 : ++inode) + hex(mode) + hex(0) + hex(0) + hex(links)
                + hex(0) + hex(content.length) + hex(0) + hex(0) + hex(device >>> 32) + hex(device & 0xffffffffL)
                + hex(name.length) + hex(0);
        write(header.getBytes(StandardCharsets.US_ASCII));
        write(name);
        align();
        write(content);
        align();
    }

    private static String hex(long value) {
        return "%08x".formatted(value);
    }

    private void write(byte[] bytes) throws IOException {
        out.write(bytes);
        written += bytes.length;
    }

    private void align() throws IOException {
        write(new byte[(int) (-written & 3)]);
    }

    /** Ends the archive and closes the stream. */
    @Override
    public void close() throws IOException {
        try (out) {
            entry(TRAILER, 0, 0, new byte[0]);
        }
    }
}
