package jkvm.host.disk.qcow2;

import jkvm.host.disk.CorruptImageException;

/**
 * The second word of an extended L2 entry: for each of a cluster's 32 subclusters, whether the cluster's data shows
 * there, and whether zeros do (docs/interop/qcow2, "Extended L2 Entries"). Where neither is set, the backing image
 * shows.
 */
final class Subclusters {
    /** Logarithm of how many a cluster has. */
    static final int COUNT_BITS = 5;
    static final int COUNT = 1 << COUNT_BITS;
    static final long ALL_ALLOCATED = 0xffffffffL, ALL_ZEROS = ALL_ALLOCATED << COUNT;

    private Subclusters() {
    }

    private static long mask(int first, int count) {
        return ALL_ALLOCATED >>> COUNT - count << first;
    }

    /** The bitmap once {@code count} subclusters, at least one, show data. */
    static long allocate(long bitmap, int first, int count) {
        return bitmap & ~(mask(first, count) << COUNT) | mask(first, count);
    }

    /** The bitmap once {@code count} subclusters, at least one, show zeros. */
    static long zero(long bitmap, int first, int count) {
        return bitmap & ~mask(first, count) | mask(first, count) << COUNT;
    }

    /** True if a subcluster counts as both or, without a cluster, as data. */
    static boolean isInvalid(long entry, long bitmap) {
        return (bitmap & bitmap >>> COUNT & ALL_ALLOCATED) != 0
                || L2Entry.isUnallocated(entry) && (bitmap & ALL_ALLOCATED) != 0;
    }

    /**
     * A subcluster as if it were a cluster with a standard entry of its own.
     *
     * @param entry the cluster's, not compressed
     * @param bits  logarithm of a subcluster's size
     */
    static long entry(long entry, long bitmap, int index, int bits) throws CorruptImageException {
        if (isInvalid(entry, bitmap)) {
            throw new CorruptImageException("the subclusters of the cluster at 0x"
                    + Long.toHexString(L2Entry.offset(entry)) + " contradict each other");
        }
        long place = L2Entry.isUnallocated(entry) ? 0 : entry + ((long) index << bits);
        if ((bitmap >>> COUNT + index & 1) != 0) {
            return L2Entry.ZERO_BIT | place & ~L2Entry.EXTERNAL_BIT;
        }
        return (bitmap >>> index & 1) == 0 ? 0 : place;
    }
}
