package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskSnapshots;
import jkvm.host.disk.ImageException;

/**
 * The tables of a qcow2 file that is changed as a whole, by one thread. New tables go into clusters of their own, and
 * one write of the header makes them the file's. Between {@link #begin} and {@link #end} a version 3 image is marked as
 * not closed, so that a crash has its refcounts and flags mended when it is opened next; version 2 has no such mark,
 * and there the order of writes keeps each refcount at least as high as the references.
 */
final class Qcow2Tables {
    private static final int CACHED_BLOCKS = 256, MAX_SCANNED = 1 << 28, L1_FIELD = 36;

    /** Takes a reference of an L1 table: to an L2 table or, if {@code punch} holds, to a cluster of data. */
    @FunctionalInterface
    interface Reference {
        void on(long cluster, boolean punch) throws IOException;
    }

    private final BlockFile file;
    private final LongSet metadata = new LongSet();
    private Qcow2Header header;
    private Refcounts refcounts;

    /** @throws IOException if the image is damaged so that it may not be written */
    Qcow2Tables(BlockFile file) throws IOException {
        this.file = file;
        header = Qcow2Header.read(file);
        if (header.isCorrupt()) {
            throw new ImageException(DiskException.Kind.MARKED_CORRUPT, "the image is marked as corrupt");
        }
        if (header.isDirty()) {
            header = Qcow2Check.repairDirty(file, header);
        }
        refcounts = new Refcounts(file, header, CACHED_BLOCKS, metadata);
        new MetadataLayout(file, header).collect(activeL1(), refcounts, metadata);
    }

    Qcow2Header header() {
        return header;
    }

    long[] activeL1() throws IOException {
        return ClusterMap.readL1(file, header.l1Offset(), header.l1Size());
    }

    /** Marks the image as not closed, if its version has such a mark. */
    void begin() throws IOException {
        if (header.version() >= 3) {
            writeHeader(Qcow2Header.INCOMPATIBLE_FIELD, longs(header.incompatible() | Qcow2Header.DIRTY_BIT));
        }
    }

    /** Takes back the mark of {@link #begin}; all is durable then. */
    void end() throws IOException {
        save();
        if (header.version() >= 3) {
            writeHeader(Qcow2Header.INCOMPATIBLE_FIELD, longs(header.incompatible() & ~Qcow2Header.DIRTY_BIT));
        }
    }

    static MemorySegment longs(long... values) {
        MemorySegment bytes = Bytes.allocate(8L * values.length);
        for (int i = 0; i < values.length; i++) {
            Bytes.putLong(bytes, 8L * i, values[i]);
        }
        return bytes;
    }

    /** Writes fields of the header, after all that was written before; durable when it returns. */
    void writeHeader(int offset, MemorySegment fields) throws IOException {
        file.flush();
        file.write(offset, fields);
        file.flush();
        header = Qcow2Header.read(file);
    }

    /** As {@link #writeHeader(int, MemorySegment)}, with the whole first cluster. */
    void writeHeader(HeaderCluster cluster) throws IOException {
        cluster.write();
        header = Qcow2Header.read(file);
    }

    /** Writes a new table into clusters of its own. @return where it is */
    long write(MemorySegment table) throws IOException {
        int clusters = (int) Math.max(1, Bytes.divideUp(table.byteSize(), header.clusterSize()));
        long offset = allocate(clusters);
        for (int i = 0; i < clusters; i++) {
            metadata.add((offset >> header.clusterBits()) + i);
        }
        save();
        long length = (long) clusters << header.clusterBits();
        if (file.hasFixedSize()) {
            MemorySegment whole = Bytes.allocate(length);
            file.write(offset, whole.copyFrom(table));
        } else {
            // Past the end there are zeros.
            file.truncate(Math.max(file.size(), offset + length));
            file.write(offset, table);
        }
        return offset;
    }

    /** Writes a new active L1 table, and makes it and the disk's size the header's in one write. */
    void useL1(long[] l1, long size) throws IOException {
        useL1(l1, size, () -> { });
    }

    /** As {@link #useL1(long[], long)}; {@code before} runs when only the write of the header is missing. */
    void useL1(long[] l1, long size, DiskSnapshots.Step before) throws IOException {
        long place = l1.length == 0 ? 0 : write(longs(l1));
        file.flush();
        before.run();
        // The method of encryption lies between the size and the table's place.
        MemorySegment fields = Bytes.readFully(file, Qcow2Header.SIZE_FIELD, L1_FIELD + 12 - Qcow2Header.SIZE_FIELD,
                "the header");
        Bytes.putLong(fields, 0, size);
        Bytes.putInt(fields, L1_FIELD - Qcow2Header.SIZE_FIELD, l1.length);
        Bytes.putLong(fields, L1_FIELD + 4 - Qcow2Header.SIZE_FIELD, place);
        writeHeader(Qcow2Header.SIZE_FIELD, fields);
    }

    /** Gives the disk a longer L1 table; none of its clusters changes. */
    void growL1(int size) throws IOException {
        Qcow2Header old = header;
        long[] l1 = Arrays.copyOf(activeL1(), size);
        useL1(l1, old.size());
        freeTable(old.l1Offset(), 8L * old.l1Size());
        save();
    }

    /** Takes clusters side by side, with one reference each, which a {@link #save} makes durable. @return where */
    long allocate(int clusters) throws IOException {
        Refcounts.Run run = refcounts.atEnd(clusters);
        while (run.count() < clusters) {
            // Refcounts past the end are in the path: those that were passed stay free.
            run = refcounts.atEnd(clusters);
        }
        for (int i = 0; i < clusters; i++) {
            refcounts.set(run.first() + i, 1);
        }
        return run.first() << header.clusterBits();
    }

    /** How often a cluster is referred to. */
    long refcount(long cluster) throws IOException {
        return refcounts.get(cluster);
    }

    /** Whether a cluster holds a table, or a part of one. */
    boolean isTable(long cluster) {
        return metadata.contains(cluster);
    }

    /** Gives back the clusters of a table that the header does not refer to any more. */
    void freeTable(long offset, long length) throws IOException {
        for (long at = offset; at < offset + length; at += header.clusterSize()) {
            drop(at >> header.clusterBits(), true);
        }
    }

    /** Counts one reference more. */
    void raise(long cluster) throws IOException {
        refcounts.set(cluster, refcounts.get(cluster) + 1);
        saveIfCrowded();
    }

    /** @throws IOException if a reference more than now cannot be counted */
    void requireRoom(long cluster) throws IOException {
        if (!new RefcountWidth(header.refcountOrder()).fits(refcounts.get(cluster) + 1)) {
            throw new IOException("cluster " + cluster + " is referred to as often as its refcount can count: widen"
                    + " the refcounts with amend -o refcount_bits=");
        }
    }

    /** Counts one reference less; the file has lost it already. */
    void drop(long cluster, boolean punch) throws IOException {
        long count = refcounts.get(cluster);
        if (count > 0) {
            refcounts.set(cluster, count - 1);
        }
        if (count == 1) {
            metadata.remove(cluster);
            if (punch) {
                punch(cluster);
            }
        }
        saveIfCrowded();
    }

    private void punch(long cluster) {
        try {
            file.punch(cluster << header.clusterBits(), header.clusterSize());
        } catch (IOException _) {
            // It keeps its room, no more.
        }
    }

    /** Gives the file's end back to the host where neither a count nor a reference needs it. */
    void shorten() throws IOException {
        long last = refcounts.lastCounted();
        long clusters = file.size() >> header.clusterBits();
        BitSet used = clusters > MAX_SCANNED || file.hasFixedSize() ? null
                : new MetadataLayout(file, header).referenced(activeL1(), (int) clusters);
        if (used == null) {
            return;
        }
        // An image may be damaged: refcounts alone do not decide.
        long end = Math.max(last + 1, used.length());
        for (long cluster : metadata.toArray()) {
            end = Math.max(end, cluster + 1);
        }
        if (end << header.clusterBits() < file.size()) {
            file.truncate(end << header.clusterBits());
        }
    }

    private void saveIfCrowded() throws IOException {
        if (refcounts.isCrowded()) {
            save();
        }
    }

    /** Makes the refcounts durable. */
    void save() throws IOException {
        refcounts.write();
        file.flush();
        refcounts.markClean();
        refcounts.applyFrees();
        if (refcounts.isDirty()) {
            refcounts.write();
            file.flush();
            refcounts.markClean();
        }
    }

    /** Calls {@code action} for each L2 table that an L1 table refers to, and for each cluster that those refer to. */
    void forEachReference(long[] l1, Reference action) throws IOException {
        MetadataLayout layout = new MetadataLayout(file, header);
        MemorySegment table = Bytes.allocate(header.clusterSize());
        long[] clusters = new long[2 + (int) (table.byteSize() >> 9)];
        int step = header.clusterSize() / header.l2Entries();
        for (long entry : l1) {
            long l2 = L2Entry.offset(entry);
            if (l2 == 0) {
                continue;
            }
            table.fill((byte) 0);
            file.read(l2, table);
            for (long at = 0; at < table.byteSize(); at += step) {
                int[] count = {0};
                layout.forEachCluster(Bytes.getLong(table, at), cluster -> clusters[count[0]++] = cluster);
                for (int i = 0; i < count[0]; i++) {
                    action.on(clusters[i], true);
                }
            }
            action.on(l2 >> header.clusterBits(), false);
        }
    }

    /**
     * Sets the flags of the disk's own tables that say which clusters have one reference.
     *
     * @param none whether no flag is to be set, whatever the refcounts are
     */
    void writeFlags(boolean none) throws IOException {
        long[] l1 = activeL1();
        MemorySegment table = Bytes.allocate(header.clusterSize());
        int step = header.clusterSize() / header.l2Entries();
        boolean changed = false;
        for (int i = 0; i < l1.length; i++) {
            long l2 = L2Entry.offset(l1[i]);
            if (l2 == 0) {
                continue;
            }
            file.read(l2, table);
            boolean tableChanged = false;
            for (long at = 0; at < table.byteSize(); at += step) {
                long entry = Bytes.getLong(table, at);
                long wanted = L2Entry.isCompressed(entry) ? entry : flagged(entry, none);
                Bytes.putLong(table, at, wanted);
                tableChanged |= wanted != entry;
            }
            if (tableChanged) {
                file.write(l2, table);
            }
            long entry = l1[i];
            l1[i] = flagged(entry, none);
            changed |= l1[i] != entry;
        }
        if (changed) {
            file.write(header.l1Offset(), longs(l1));
        }
        file.flush();
    }

    private long flagged(long entry, boolean none) throws IOException {
        long offset = L2Entry.offset(entry);
        if (offset == 0) {
            return entry;
        }
        boolean only = !none && refcounts.get(offset >> header.clusterBits()) == 1;
        return only ? entry | L2Entry.COPIED_BIT : entry & ~L2Entry.COPIED_BIT;
    }
}
