package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.CreateOptions;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Repair;
import jkvm.host.disk.raw.RawDriver;

/** Small qcow2 images in memory. */
public final class TestDisks {
    private TestDisks() {
    }

    public static CreateOptions options(long size, int clusterSize, int version, boolean lazy) {
        return new CreateOptions(size, clusterSize, version, 16, lazy, null, null);
    }

    public static CreateOptions options(long size, int clusterSize, int version, int refcountBits, boolean lazy) {
        return new CreateOptions(size, clusterSize, version, refcountBits, lazy, null, null);
    }

    public static MemoryFile create(CreateOptions options) throws IOException {
        MemoryFile file = new MemoryFile();
        Qcow2Creator.create(file, options);
        return file;
    }

    public static DiskImage open(BlockFile file, DiskImage backing, boolean readOnly) throws IOException {
        return Qcow2Image.open(file, Qcow2Header.read(file), backing,
                ImageOptions.WRITABLE.withReadOnly(readOnly).withUnmap(true));
    }

    public static DiskImage open(BlockFile file) throws IOException {
        return open(file, null, false);
    }

    /** A raw image of {@code content}, to be a backing image. */
    public static DiskImage raw(byte[] content) throws IOException {
        return raw(new MemoryFile(content));
    }

    static DiskImage raw(BlockFile file) throws IOException {
        return new RawDriver().open(file, ImageOptions.READ_ONLY, (name, format) -> {
            throw new IOException("a raw image has no backing file");
        });
    }

    public static byte[] randomBytes(long seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    public static byte[] readAll(DiskImage image) throws IOException {
        byte[] bytes = new byte[(int) image.capacity()];
        image.read(0, MemorySegment.ofArray(bytes));
        return bytes;
    }

    public static byte[] read(DiskImage image, long offset, int size) throws IOException {
        byte[] bytes = new byte[size];
        image.read(offset, MemorySegment.ofArray(bytes));
        return bytes;
    }

    public static void write(DiskImage image, long offset, byte... bytes) throws IOException {
        image.write(offset, MemorySegment.ofArray(bytes));
    }

    public static CheckResult check(BlockFile file) throws IOException {
        return new Qcow2Driver().check(file, Repair.NOTHING).orElseThrow();
    }

    /** True if the image was not closed well. */
    public static boolean isDirty(BlockFile file) throws IOException {
        return new Qcow2Driver().info(file).qcow2().dirty();
    }

    public static void assertClean(BlockFile file) throws IOException {
        CheckResult result = check(file);
        assertEquals(0, result.corruptions(), () -> result.messages().toString());
        assertEquals(0, result.leaks(), () -> result.messages().toString());
    }

    public static void assertNotCorrupt(BlockFile file) throws IOException {
        CheckResult result = check(file);
        assertEquals(0, result.corruptions(), () -> result.messages().toString());
    }
}
