package jkvm.host.disk;

import java.util.BitSet;

/**
 * The content of a bitmap that notes what was written to a disk.
 *
 * @param capacity        the disk's size in bytes
 * @param granularityBits logarithm of how many bytes a bit stands for
 * @param bits            bit 0 for the disk's begin; set where it was written
 */
public record DirtyBits(long capacity, int granularityBits, BitSet bits) {
    /** Sets in {@code target}, of the same disk size, each bit that stands for a byte that is noted here. */
    public void addTo(DirtyBits target) {
        for (int first = bits.nextSetBit(0); first >= 0; ) {
            int end = bits.nextClearBit(first);
            long from = (long) first << granularityBits;
            long to = Math.min(capacity, (long) end << granularityBits);
            target.bits.set((int) (from >> target.granularityBits), (int) (to - 1 >> target.granularityBits) + 1);
            first = bits.nextSetBit(end);
        }
    }
}
