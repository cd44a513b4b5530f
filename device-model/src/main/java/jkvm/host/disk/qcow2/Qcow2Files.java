package jkvm.host.disk.qcow2;

import java.io.IOException;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.DiskImage;

/**
 * What a qcow2 image lies in.
 *
 * @param file    the image itself, with all tables
 * @param data    where the disk's clusters are: {@code file} itself, or another one
 * @param backing what unallocated clusters show, or null for zeros
 */
record Qcow2Files(BlockFile file, BlockFile data, DiskImage backing) implements AutoCloseable {
    /** An image whose data lies beside its tables. */
    static Qcow2Files of(BlockFile file, DiskImage backing) {
        return new Qcow2Files(file, file, backing);
    }

    boolean hasOtherData() {
        return data != file;
    }

    void flush() throws IOException {
        if (hasOtherData()) {
            data.flush();
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
        try (backing) {
            if (hasOtherData()) {
                data.close();
            }
        }
    }
}
