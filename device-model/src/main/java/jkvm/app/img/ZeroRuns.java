package jkvm.app.img;

import java.lang.foreign.MemorySegment;
import jkvm.host.disk.DiskImage;

/**
 * Divides a buffer into data and runs of zeros that are long enough to leave out. Data ends, and zeros begin, at
 * multiples of the length from which on zeros count, so that a copy does not make the target read-modify-write.
 */
final class ZeroRuns {
    private static final int SECTOR = DiskImage.SECTOR_SIZE;

    private final int shortest;
    private final int alignment;
    private long run;
    private long zeros;

    /** @param shortest from how many bytes on zeros count, a multiple of 512; 0 if they never do */
    ZeroRuns(int shortest) {
        this.shortest = shortest;
        this.alignment = Math.max(SECTOR, Integer.highestOneBit(shortest));
    }

    /**
     * How many bytes from {@code from} on are data, with the zeros among them that are too few.
     *
     * @param place where the buffer's first byte is on the disk
     * @param limit the buffer's end
     * @return 0 if zeros come first: {@link #zeros()} says how many
     */
    long data(MemorySegment buffer, long place, long from, long limit) {
        long most = Math.min(shortest, limit - from);
        if (isZeroRun(buffer, place, from, limit)) {
            zeros = run;
            return 0;
        }
        long at = from + run;
        long end = at;
        while (at < limit) {
            boolean zero = isZeroRun(buffer, place, at, limit);
            at += run;
            if (!zero) {
                end = at;
            } else if (run >= most) {
                break;
            }
        }
        return end - from;
    }

    /** How many bytes of zeros there are where {@link #data} has found no data. */
    long zeros() {
        return zeros;
    }

    /** Sets {@link #run} to the length of zeros, or of data, from {@code at} on. */
    private boolean isZeroRun(MemorySegment buffer, long place, long at, long limit) {
        long length = limit - at;
        boolean zero = ZeroBytes.count(buffer, at, Math.min(SECTOR, length)) > 0;
        run = zero ? ZeroBytes.count(buffer, at, length) : ZeroBytes.countOthers(buffer, at, length);
        if (run < length) {
            long tail = place + at + run & alignment - 1;
            if (tail != 0) {
                // Too few zeros to reach the next boundary are data.
                zero &= run > tail;
                run = zero ? run - tail : Math.min(run + alignment - tail, length);
            }
        }
        return zero;
    }
}
