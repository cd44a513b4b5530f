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

    private final Qcow2Files files;
    private final Qcow2Header header;
    private final ClusterMap map;
    private final Qcow2Reader reader;
    private final boolean unmap;
    private final int clusterSize;
    private final int clusterBits;
    private final int unitBits;
    private final long unitSize;

    Qcow2Writer(Qcow2Files files, Qcow2Header header, ClusterMap map, Qcow2Reader reader, boolean unmap) {
        this.files = files;
        this.header = header;
        this.map = map;
        this.reader = reader;
        this.unmap = unmap;
        this.clusterSize = header.clusterSize();
        this.clusterBits = header.clusterBits();
        this.unitBits = header.unitBits();
        this.unitSize = 1L << unitBits;
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
            long entry = reader.entryAt(place);
            if (!L2Entry.isData(entry) || !L2Entry.isCopied(entry)) {
                break;
            }
            long run = reader.runLength(place, length - done, entry);
            for (long cluster = place >> clusterBits; cluster <= place + run - 1 >> clusterBits; cluster++) {
                map.checkWritable(map.entry(cluster));
            }
            long host = reader.placeOf(entry, place);
            files.data(place - host).write(host, memory, at + done, run);
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
        long unit = reader.entryAt(offset);
        if (L2Entry.isData(unit) && L2Entry.isCopied(unit)) {
            return 0;
        }
        map.prepare(first);
        long entry = reader.clusterEntry(first);
        if (L2Entry.isOwned(entry)) {
            map.checkWritable(entry);
            MemorySegment part = from.asSlice(0, Math.min(from.byteSize(), clusterSize - (offset & clusterSize - 1)));
            fill(L2Entry.offset(entry), offset, part, false, true);
            showData(first, offset, offset + part.byteSize(), L2Entry.offset(entry));
            return part.byteSize();
        }
        Refcounts.Run run = map.allocate(first, clustersToAllocate(offset, from.byteSize()));
        long length = Math.min(from.byteSize(), ((long) run.count() << clusterBits) - (offset & clusterSize - 1));
        try {
            boolean zeros = run.fresh() && !files.hasOtherData() && !files.isEncrypted();
            fill(run.first() << clusterBits, offset, from.asSlice(0, length), zeros, false);
        } catch (IOException e) {
            release(run, e);
            throw e;
        }
        for (int i = 0; i < run.count(); i++) {
            showData(first + i, offset, offset + length, run.first() + i << clusterBits);
        }
        return length;
    }

    /** Bytes {@code from} to {@code to} of the disk, of which the cluster has some, are data in {@code place} now. */
    private void showData(long guestCluster, long from, long to, long place) throws IOException {
        long start = guestCluster << clusterBits;
        int first = (int) (Math.max(from - start, 0) >> unitBits);
        int last = (int) (Math.min(to - start, clusterSize) - 1 >> unitBits);
        long bitmap = 0;
        if (header.hasSubclusters()) {
            boolean whole = L2Entry.isCompressed(map.entry(guestCluster));
            bitmap = Subclusters.allocate(whole ? Subclusters.ALL_ALLOCATED : map.bitmap(guestCluster), first,
                    last - first + 1);
        }
        replace(guestCluster, place | L2Entry.COPIED_BIT, bitmap, false);
    }

    /**
     * Puts the compressed data of a whole cluster in the place of what the cluster held.
     *
     * @param packed less than a cluster
     */
    void writeCompressed(long guestCluster, MemorySegment packed) throws IOException {
        map.commitIfCrowded();
        long old = map.entry(guestCluster);
        map.prepare(guestCluster);
        int size = (int) packed.byteSize();
        long place = map.allocatePacked(size);
        long entry = L2Entry.compressed(place, size, clusterBits);
        try {
            files.file().write(place, packed);
        } catch (IOException e) {
            try {
                map.free(entry, false);
            } catch (IOException second) {
                // Then they leak.
                e.addSuppressed(second);
            }
            throw e;
        }
        map.setEntry(guestCluster, entry, 0);
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
        while (first + count <= last && !L2Entry.isOwned(reader.clusterEntry(first + count))) {
            count++;
        }
        return count;
    }

    /**
     * Writes {@code from}, the rest of its first and last unit, and what the clusters had beside that and lose by
     * their new place.
     *
     * @param host  where the first cluster begins
     * @param zeros whether the file has zeros there
     * @param stays whether the cluster has been there before, with part of its data
     */
    private void fill(long host, long offset, MemorySegment from, boolean zeros, boolean stays) throws IOException {
        long end = offset + from.byteSize();
        long shift = host - (offset & -clusterSize);
        long start = offset & -unitSize;
        long unitEnd = Bytes.roundUp(end, unitSize);
        if (!stays) {
            copyData(shift, offset & -clusterSize, start);
            copyData(shift, unitEnd, Bytes.roundUp(end, clusterSize));
        }
        if (zeros && (start < offset || end < unitEnd)) {
            // As QEMU does: a guest that fills the rest later finds room, in one piece.
            files.data().reserve(start + shift, unitEnd - start);
        }
        copyOld(shift, start, offset, zeros, stays);
        files.data(-shift).write(offset + shift, from);
        copyOld(shift, end, unitEnd, zeros, stays);
    }

    /** Copies part of a unit, from where the disk had it until now. */
    private void copyOld(long shift, long from, long to, boolean zeros, boolean stays) throws IOException {
        if (from == to || zeros && reader.isKnownZero(from) || stays && L2Entry.isData(reader.entryAt(from))) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment old = arena.allocate(to - from, Fd.DIRECT_ALIGNMENT);
            reader.read(from, old, 0, old.byteSize());
            files.data(-shift).write(from + shift, old);
        }
    }

    /** Copies those units that are not zeros or the backing image's. */
    private void copyData(long shift, long from, long to) throws IOException {
        for (long at = from; at < to; ) {
            long entry = reader.entryAt(at);
            long run = reader.runLength(at, to - at, entry);
            if (L2Entry.isData(entry) || L2Entry.isCompressed(entry)) {
                copyOld(shift, at, at + run, false, false);
            }
            at += run;
        }
    }

    private void replace(long guestCluster, long entry, long bitmap, boolean punch) throws IOException {
        long old = map.entry(guestCluster);
        map.setEntry(guestCluster, entry, bitmap);
        if (L2Entry.isCompressed(old) || L2Entry.offset(entry) == 0
                || L2Entry.offset(entry) != L2Entry.offset(old)) {
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
        zeroRawData(first << clusterBits, count << clusterBits);
        for (long cluster = first; cluster < first + count; cluster++) {
            boolean nothing = map.entry(cluster) == 0 && map.bitmap(cluster) == 0;
            if (!reader.hasBacking()) {
                if (!nothing) {
                    replace(cluster, 0, 0, true);
                }
            } else if (header.version() >= 3 && !L2Entry.isUnallocated(map.entry(cluster)) && !isPlainZero(cluster)) {
                showZeros(cluster, true);
            }
        }
    }

    private boolean isPlainZero(long cluster) throws IOException {
        return header.hasSubclusters() ? map.entry(cluster) == 0 && map.bitmap(cluster) == Subclusters.ALL_ZEROS
                : map.entry(cluster) == L2Entry.ZERO_BIT;
    }

    /** The cluster shows zeros and takes no room. */
    private void showZeros(long cluster, boolean punch) throws IOException {
        replace(cluster, header.hasSubclusters() ? 0 : L2Entry.ZERO_BIT, Subclusters.ALL_ZEROS, punch);
    }

    /** Gives up clusters of one L2 table: they lie past the disk's end, or the backing image is to show there. */
    void drop(long first, long count) throws IOException {
        map.commitIfCrowded();
        if (map.table(first) == null) {
            return;
        }
        for (long cluster = first; cluster < first + count; cluster++) {
            if (map.entry(cluster) != 0 || map.bitmap(cluster) != 0) {
                replace(cluster, 0, 0, true);
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
        zeroRawData(first << clusterBits, count << clusterBits);
        if (map.table(first) == null && !reader.hasBacking()) {
            return true;
        }
        for (long cluster = first; cluster < first + count; cluster++) {
            long old = reader.clusterEntry(cluster);
            boolean keep = !free && L2Entry.isCopied(old) && !L2Entry.isCompressed(old)
                    && (L2Entry.offset(old) != 0 || header.hasDataFile());
            if (header.version() < 3) {
                if (old != 0) {
                    replace(cluster, 0, 0, true);
                }
            } else if (keep) {
                map.checkWritable(old);
                map.setEntry(cluster, header.hasSubclusters() ? old : old | L2Entry.ZERO_BIT, Subclusters.ALL_ZEROS);
            } else if (!isPlainZero(cluster) && (reader.hasBacking() || old != 0 || map.bitmap(cluster) != 0)) {
                showZeros(cluster, free);
            }
        }
        return true;
    }

    /**
     * Makes whole subclusters of one cluster zeros without writing to them.
     *
     * @return false if the cluster has none: nothing is changed
     */
    boolean zeroSubclusters(long offset, long length) throws IOException {
        long cluster = offset >> clusterBits;
        map.commitIfCrowded();
        long entry = reader.clusterEntry(cluster);
        if (!header.hasSubclusters() || L2Entry.isCompressed(entry)) {
            return false;
        }
        zeroRawData(offset, length);
        map.setEntry(cluster, entry, Subclusters.zero(map.bitmap(cluster), (int) (offset >> unitBits)
                & Subclusters.COUNT - 1, (int) (length >> unitBits)));
        return true;
    }

    /** A data file that shows the disk by itself has to have zeros where the disk shows them. */
    private void zeroRawData(long offset, long length) throws IOException {
        if (!header.isDataFileRaw()) {
            return;
        }
        BlockFile data = files.data();
        data.makeZero(offset, Math.min(offset + length, data.size()) - offset, unmap);
    }
}
