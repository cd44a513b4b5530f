package jkvm.host.disk.qcow2;

import java.io.IOException;

/**
 * Room for the data of compressed clusters, which lie side by side in the file, byte after byte: each one counts as a
 * reference to every cluster of the file that it touches. A caller excludes all others.
 */
final class PackedSpace {
    private final Refcounts refcounts;
    private final int clusterBits;
    /** Where the next data goes if it fits; zero if there is no such place, which is in the header otherwise. */
    private long next;

    PackedSpace(Refcounts refcounts, int clusterBits) {
        this.refcounts = refcounts;
        this.clusterBits = clusterBits;
    }

    /** The next data begins in a cluster of its own: the last one may become free, and be given to others. */
    void close() {
        next = 0;
    }

    /**
     * Takes the bytes that follow the last ones, or the start of another cluster.
     *
     * @param size less than a cluster
     * @return where they are in the file
     */
    long allocate(int size, Holes.ReferenceScan scan) throws IOException {
        long place = next;
        long cluster = place >> clusterBits;
        long count = place == 0 ? 0 : refcounts.get(cluster);
        boolean shares = place != 0 && refcounts.canCount(count + 1);
        if (!shares || (cluster + 1 << clusterBits) - place < size) {
            Refcounts.Run run = refcounts.allocate(1, scan);
            if (!shares || run.first() != cluster + 1) {
                shares = false;
                place = run.first() << clusterBits;
            }
            requireInReach(place, run);
        }
        if (shares) {
            refcounts.set(cluster, count + 1);
        }
        long end = place + size;
        next = (end & (1L << clusterBits) - 1) == 0 ? 0 : end;
        return place;
    }

    private void requireInReach(long place, Refcounts.Run run) throws IOException {
        if (place + (1L << clusterBits) > L2Entry.compressedLimit(clusterBits)) {
            refcounts.release(run);
            throw new IOException("the file is too large for more compressed clusters");
        }
    }
}
