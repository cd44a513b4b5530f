package jkvm.app.img;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.host.disk.DiskImage;

/** Looks for zeros in memory, sector by sector. */
final class ZeroBytes {
    private static final int SECTOR = DiskImage.SECTOR_SIZE;
    private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[SECTOR]).asReadOnly();

    private ZeroBytes() {
    }

    /** How many bytes from {@code at} on are zeros, in whole sectors; a last part of one counts if it is all zeros. */
    static long count(MemorySegment memory, long at, long length) {
        long done = 0;
        while (done < length && isZero(memory, at + done, Math.min(SECTOR, length - done))) {
            done += SECTOR;
        }
        return Math.min(done, length);
    }

    /** How many bytes from {@code at} on are in sectors that are not all zeros. */
    static long countOthers(MemorySegment memory, long at, long length) {
        long done = 0;
        while (done < length && !isZero(memory, at + done, Math.min(SECTOR, length - done))) {
            done += SECTOR;
        }
        return Math.min(done, length);
    }

    private static boolean isZero(MemorySegment memory, long at, long length) {
        // Most data begins with another byte than zero.
        return memory.get(ValueLayout.JAVA_BYTE, at) == 0
                && MemorySegment.mismatch(memory, at, at + length, ZEROS, 0, length) < 0;
    }
}
