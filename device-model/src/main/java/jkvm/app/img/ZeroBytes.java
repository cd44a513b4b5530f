package jkvm.app.img;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.host.disk.DiskImage;

/** Looks for zeros in memory, sector by sector. */
final class ZeroBytes {
    private static final int SECTOR = DiskImage.SECTOR_SIZE;

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
        long any = 0;
        long i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            any |= memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at + i);
        }
        for (; i < length; i++) {
            any |= memory.get(ValueLayout.JAVA_BYTE, at + i);
        }
        return any == 0;
    }
}
