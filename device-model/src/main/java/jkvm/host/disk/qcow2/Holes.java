package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.util.BitSet;
import jkvm.host.disk.CorruptImageException;

/**
 * Clusters of a qcow2 file below its end that nothing refers to, for new data. A hole that the file had when it was
 * opened is used only after a scan of all references. Only the first 2<sup>26</sup> clusters are looked at, which are 4
 * TiB of the usual ones: a file that is huge and sparse costs little memory and time, and grows at its end. A caller
 * that uses it excludes all others.
 */
final class Holes {
    /** Walks all references in the image. */
    @FunctionalInterface
    interface ReferenceScan {
        /** @return the clusters below {@code end} that something refers to; null if to know them takes too long */
        BitSet used(int end) throws IOException;
    }

    private static final int LIMIT = 1 << 26;

    private final BitSet free = new BitSet();
    /** Nothing below is free. */
    private int lowest;
    private boolean searched;

    /** The cluster is not referred to any more. */
    void add(long cluster) {
        if (cluster < LIMIT) {
            free.set((int) cluster);
            lowest = Math.min(lowest, (int) cluster);
        }
    }

    boolean isEmpty() {
        return free.isEmpty();
    }

    /**
     * Looks for the holes that the file had when it was opened, if that has not been done.
     *
     * @throws CorruptImageException if a cluster that counts as free is in use
     */
    void search(Refcounts refcounts, LongSet metadata, ReferenceScan scan) throws IOException {
        if (searched) {
            return;
        }
        int end = (int) Math.min(LIMIT, refcounts.end());
        BitSet uncounted = refcounts.uncounted(end);
        BitSet used = uncounted.isEmpty() ? uncounted : scan.used(end);
        if (used != null) {
            refuseUsed(uncounted, used, metadata);
            free.or(uncounted);
            lowest = 0;
        }
        searched = true;
    }

    private static void refuseUsed(BitSet uncounted, BitSet used, LongSet metadata) throws CorruptImageException {
        used.and(uncounted);
        if (!used.isEmpty()) {
            throw new CorruptImageException("cluster " + used.nextSetBit(0) + " is in use but counts as free");
        }
        for (long table : metadata.toArray()) {
            if (table < LIMIT && uncounted.get((int) table)) {
                throw new CorruptImageException("cluster " + table + " holds a table but counts as free");
            }
        }
    }

    /** Takes free clusters that lie side by side, at most {@code wanted}. There are some. */
    Refcounts.Run take(int wanted) {
        int first = free.nextSetBit(lowest);
        int count = Math.min(free.nextClearBit(first) - first, wanted);
        free.clear(first, first + count);
        lowest = first + count;
        return new Refcounts.Run(first, count, false);
    }
}
