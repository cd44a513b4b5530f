package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.linux.Fd;

/**
 * Changes a qcow2 disk: takes clusters for what is written, fills their rest with what was there before, gives up
 * clusters that are discarded. One thread at a time, and no reader meanwhile, but for {@link #writeInPlace}.
 */
final class Qcow2Writer {
    private static final long MAX_RUN_BYTES = 4 << 20;

    private final BlockFile file;
    private final Qcow2Header header;
    private final ClusterMap map;
    private final Qcow2Reader reader;
    private final boolean unmap;
    private final int clusterSize;
    private final int clusterBits;

    Qcow2Writer(BlockFile file, Qcow2Header header, ClusterMap map, Qcow2Reader reader, boolean unmap) {
        this.file = file;
        this.header = header;
        this.map = map;
        this.reader = reader;
        this.unmap = unmap;
        this.clusterSize = header.clusterSize();
        this.clusterBits = header.clusterBits();
    }

    /**
     * Writes as far as clusters are there that may be overwritten. May run beside reads and itself.
     *
     * @return how many bytes were written
     */
    long writeInPlace(long offset, MemorySegment memory, long at, long length) throws IOException {
        long done = 0;
        while (done < length) {
            long place = offset + done;
            long entry = reader.entry(place >> clusterBits);
            if (!L2Entry.isData(entry) || !L2Entry.isCopied(entry)) {
                break;
            }
            long run = reader.runLength(place, length - done, entry);
            long inCluster = place & clusterSize - 1;
            for (long c = 0; c < inCluster + run; c += clusterSize) {
                map.checkWritable(entry + c);
            }
            file.write(L2Entry.offset(entry) + inCluster, memory, at + done, run);
            done += run;
        }
        return done;
    }

    /**
     * Writes a first part of {@code from}, at most to the end of an L2 table.
     *
     * @return how many bytes were written; zero if they can be written in place
     */
    long writeAllocating(long offset, MemorySegment from) throws IOException {
        map.commitIfCrowded();
        long first = offset >> clusterBits;
        long entry = reader.entry(first);
        if (L2Entry.isData(entry) && L2Entry.isCopied(entry)) {
            return 0;
        }
        map.prepare(first);
        if (L2Entry.isZero(entry) && L2Entry.isCopied(entry) && L2Entry.offset(entry) != 0) {
            map.checkWritable(entry);
            long length = Math.min(from.byteSize(), clusterSize - (offset & clusterSize - 1));
            fill(L2Entry.offset(entry), offset, from.asSlice(0, length), false);
            map.setEntry(first, entry & ~L2Entry.ZERO_BIT);
            return length;
        }
        int wanted = clustersToAllocate(offset, from.byteSize());
        Refcounts.Run run = map.allocate(wanted);
        long length = Math.min(from.byteSize(), ((long) run.count() << clusterBits) - (offset & clusterSize - 1));
        try {
            fill(run.first() << clusterBits, offset, from.asSlice(0, length), run.fresh());
        } catch (IOException e) {
            release(run, e);
            throw e;
        }
        for (int i = 0; i < run.count(); i++) {
            replace(first + i, run.first() + i << clusterBits | L2Entry.COPIED_BIT, false);
        }
        return length;
    }

    /**
     * Puts the compressed data of a whole cluster in the place of what the cluster held.
     *
     * @param packed less than a cluster
     */
    void writeCompressed(long guestCluster, MemorySegment packed) throws IOException {
        map.commitIfCrowded();
        long old = reader.entry(guestCluster);
        map.prepare(guestCluster);
        int size = (int) packed.byteSize();
        long place = map.allocatePacked(size);
        long entry = L2Entry.compressed(place, size, clusterBits);
        try {
            file.write(place, packed);
        } catch (IOException e) {
            try {
                map.free(entry, false);
            } catch (IOException second) {
                // Then they leak.
                e.addSuppressed(second);
            }
            throw e;
        }
        map.setEntry(guestCluster, entry);
        map.free(old, false);
        if (L2Entry.isCompressed(old)) {
            reader.forgetCompressed();
        }
    }

    private void release(Refcounts.Run run, IOException reason) {
        try {
            map.release(run);
        } catch (IOException e) {
            // Then they leak.
            reason.addSuppressed(e);
        }
    }

    private int clustersToAllocate(long offset, long size) throws IOException {
        long first = offset >> clusterBits;
        long last = offset + Math.min(size, MAX_RUN_BYTES) - 1 >> clusterBits;
        last = Math.min(last, first | header.l2Entries() - 1);
        int count = 1;
        while (first + count <= last) {
            long entry = reader.entry(first + count);
            boolean keepsCluster = L2Entry.isCopied(entry) && L2Entry.offset(entry) != 0;
            if (keepsCluster) {
                break;
            }
            count++;
        }
        return count;
    }

    /** Writes {@code from} and the rest of its first and last cluster, so that the clusters are whole. */
    private void fill(long host, long offset, MemorySegment from, boolean fresh) throws IOException {
        long start = offset & -clusterSize;
        long end = offset + from.byteSize();
        copyOld(host, start, start, offset, fresh);
        file.write(host + offset - start, from);
        copyOld(host, start, end, Bytes.roundUp(end, clusterSize), fresh);
    }

    private void copyOld(long host, long start, long from, long to, boolean fresh) throws IOException {
        if (from == to || fresh && reader.isKnownZero(from >> clusterBits)) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment old = arena.allocate(to - from, Fd.DIRECT_ALIGNMENT);
            reader.read(from, old, 0, old.byteSize());
            file.write(host + from - start, old);
        }
    }

    private void replace(long guestCluster, long entry, boolean punch) throws IOException {
        long old = map.entry(guestCluster);
        map.setEntry(guestCluster, entry);
        if (L2Entry.offset(entry) == 0 || L2Entry.offset(entry) != L2Entry.offset(old)) {
            map.free(old, punch);
        }
        if (L2Entry.isCompressed(old)) {
            reader.forgetCompressed();
        }
    }

    /** How many clusters from {@code first} on one call handles: no further than the end of an L2 table. */
    long sameTable(long first, long end) {
        return Math.min(end, (first | header.l2Entries() - 1) + 1) - first;
    }

    /** Gives up clusters of one L2 table. Those that would show older content of the backing image are left alone. */
    void discard(long first, long count) throws IOException {
        map.commitIfCrowded();
        if (map.table(first) == null) {
            return;
        }
        for (long cluster = first; cluster < first + count; cluster++) {
            long old = reader.entry(cluster);
            if (!reader.hasBacking()) {
                if (old != 0) {
                    replace(cluster, 0, true);
                }
            } else if (header.version() >= 3 && !L2Entry.isUnallocated(old) && old != L2Entry.ZERO_BIT) {
                replace(cluster, L2Entry.ZERO_BIT, true);
            }
        }
    }

    /**
     * Makes clusters of one L2 table zeros without writing to them.
     *
     * @return false if version 2 cannot say so: nothing is changed
     */
    boolean zero(long first, long count, boolean mayUnmap) throws IOException {
        boolean free = mayUnmap && unmap;
        if (header.version() < 3 && (reader.hasBacking() || !free)) {
            return false;
        }
        map.commitIfCrowded();
        if (map.table(first) == null && !reader.hasBacking()) {
            return true;
        }
        for (long cluster = first; cluster < first + count; cluster++) {
            long old = reader.entry(cluster);
            boolean keep = !free && L2Entry.isCopied(old) && L2Entry.offset(old) != 0;
            if (header.version() < 3) {
                if (old != 0) {
                    replace(cluster, 0, true);
                }
            } else if (keep) {
                map.checkWritable(old);
                map.setEntry(cluster, old | L2Entry.ZERO_BIT);
            } else if (old != L2Entry.ZERO_BIT && (reader.hasBacking() || !L2Entry.isUnallocated(old))) {
                replace(cluster, L2Entry.ZERO_BIT, free);
            }
        }
        return true;
    }
}
