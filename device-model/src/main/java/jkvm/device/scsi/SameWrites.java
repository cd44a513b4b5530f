package jkvm.device.scsi;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.DiskImage;

/** Writes of one block's content to many blocks. */
final class SameWrites {
    private static final int PIECE = 64 << 10;

    private final DiskImage image;
    private final int blockSize;

    SameWrites(DiskImage image, int blockSize) {
        this.image = image;
        this.blockSize = blockSize;
    }

    void zero(long block, long count, boolean mayUnmap) throws IOException {
        image.writeZeroes(block * blockSize, count * blockSize, mayUnmap);
    }

    /** @param data begins with the content of a block */
    void fill(byte[] data, long block, long count, boolean mayUnmap) throws IOException {
        MemorySegment content = MemorySegment.ofArray(data).asSlice(0, blockSize);
        if (isZero(data)) {
            zero(block, count, mayUnmap);
            return;
        }
        byte[] many = new byte[Math.max(PIECE, blockSize)];
        MemorySegment piece = MemorySegment.ofArray(many);
        for (int at = 0; at < many.length; at += blockSize) {
            MemorySegment.copy(content, 0, piece, at, blockSize);
        }
        long end = (block + count) * blockSize;
        for (long at = block * blockSize; at < end; at += many.length) {
            image.write(at, piece, 0, Math.min(many.length, end - at));
        }
    }

    private boolean isZero(byte[] data) {
        for (int i = 0; i < blockSize; i++) {
            if (data[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
