package jkvm.host.disk.qcow2;

import java.io.IOException;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.luks.CipherFile;

/**
 * The files of a qcow2 image.
 *
 * @param file     the image itself, with all tables
 * @param stored   where the disk's clusters are: {@code file} itself, or another one
 * @param cipher   shows their plain bytes; null if they are not encrypted
 * @param isByDisk whether sectors are numbered for it by their places on the disk, and not in {@code stored}
 * @param backing  what unallocated clusters show, or null for zeros
 */
record Qcow2Files(BlockFile file, BlockFile stored, CipherFile cipher, boolean isByDisk, DiskImage backing)
        implements AutoCloseable {
    /** An image whose data lies beside its tables, as it is. */
    static Qcow2Files of(BlockFile file, DiskImage backing) {
        return new Qcow2Files(file, file, null, false, backing);
    }

    /** Where the clusters are, for their room; their plain bytes, too, unless the disk's places number them. */
    BlockFile data() {
        return cipher == null || isByDisk ? stored : cipher;
    }

    /**
     * The clusters' plain bytes, by their places.
     *
     * @param difference from a place to the one on the disk, in bytes
     */
    BlockFile data(long difference) {
        return isByDisk ? cipher.numbered(difference) : data();
    }

    boolean hasOtherData() {
        return stored != file;
    }

    boolean isEncrypted() {
        return cipher != null;
    }

    void flush() throws IOException {
        if (hasOtherData()) {
            stored.flush();
        }
        file.flush();
    }

    @Override
    public void close() throws IOException {
        try (file) {
            closeOthers();
        }
    }

    /** Closes all but the image's own file. */
    void closeOthers() throws IOException {
        if (cipher != null) {
            cipher.forget();
        }
        try (backing) {
            if (hasOtherData()) {
                stored.close();
            }
        }
    }
}
