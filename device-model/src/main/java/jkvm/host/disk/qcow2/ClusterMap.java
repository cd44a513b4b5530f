package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.table.TableCache;

/**
 * Where each cluster of the disk is in a qcow2 file: L1 and L2 tables, and the order in which they and the refcounts
 * get into the file. Lookups may run side by side; a caller that changes them excludes all others.
 *
 * <p>Changes stay in memory until {@link #commit}. It makes data and refcounts durable before the L2 tables that refer
 * to them, those before the L1 table, and only then gives back what is no longer referred to. So whatever part of the
 * writes reaches the disk, each reference is counted: a crash may leave clusters without a reference, and nothing
 * worse.
 */
final class ClusterMap {
    private static final int CACHE_BYTES = 32 << 20, MIN_CACHED = 16, MAX_CACHED = 16384;

    private static final System.Logger LOG = System.getLogger(ClusterMap.class.getName());

    private final BlockFile file;
    private final Qcow2Files files;
    private final Qcow2Header header;
    private final long l1Offset;
    private final long[] l1;
    private final BitSet dirtyL1 = new BitSet();
    private final TableCache l2;
    private final LongSet metadata = new LongSet();
    private final Refcounts refcounts;
    private final PackedSpace packed;
    private boolean dirtyBitSet;
    private volatile boolean changed;

    /**
     * @param l1Size   entries; the active table's or a snapshot's
     * @param writable whether refcounts are needed
     * @throws IOException if the tables cannot be read, or for a writable image if they overlap
     */
    ClusterMap(Qcow2Files files, Qcow2Header header, long l1Offset, int l1Size, boolean writable) throws IOException {
        this.files = files;
        this.file = files.file();
        this.header = header;
        this.l1Offset = l1Offset;
        this.l1 = readL1(file, l1Offset, l1Size);
        int limit = Math.clamp(CACHE_BYTES >> header.clusterBits(), MIN_CACHED, MAX_CACHED);
        this.l2 = new TableCache(file, header.clusterSize(), limit, "L2 table");
        this.dirtyBitSet = header.isDirty();
        this.refcounts = writable ? new Refcounts(file, header, Math.max(MIN_CACHED, limit / 4), metadata) : null;
        this.packed = writable ? new PackedSpace(refcounts, header.clusterBits()) : null;
        if (writable) {
            new MetadataLayout(file, header).collect(l1, refcounts, metadata);
        }
    }

    static long[] readL1(BlockFile file, long offset, int size) throws IOException {
        long[] l1 = new long[size];
        if (size > 0) {
            MemorySegment bytes = Bytes.readFully(file, offset, 8L * size, "the L1 table");
            for (int i = 0; i < size; i++) {
                l1[i] = Bytes.getLong(bytes, 8L * i);
            }
        }
        return l1;
    }

    /** The L2 entry of a cluster of the disk; zero if it has none. */
    long entry(long guestCluster) throws IOException {
        TableCache.Table table = table(guestCluster);
        return table == null ? 0 : table.entry(indexInL2(guestCluster) * header.l2EntryWords());
    }

    /** The second word of an extended L2 entry; zero in an image that has others. */
    long bitmap(long guestCluster) throws IOException {
        TableCache.Table table = header.hasSubclusters() ? table(guestCluster) : null;
        return table == null ? 0 : table.entry(indexInL2(guestCluster) * 2 + 1);
    }

    /** The L2 table of a cluster of the disk, or null. */
    TableCache.Table table(long guestCluster) throws IOException {
        long index = guestCluster / header.l2Entries();
        if (index >= l1.length) {
            return null;
        }
        long offset = L2Entry.offset(l1[(int) index]);
        return offset == 0 ? null : l2.get(aligned(offset, "L2 table"));
    }

    /** Entries of an L2 table. */
    int l2Entries() {
        return header.l2Entries();
    }

    int indexInL2(long guestCluster) {
        return (int) (guestCluster & header.l2Entries() - 1);
    }

    long aligned(long offset, String what) throws CorruptImageException {
        if ((offset & header.clusterSize() - 1) != 0) {
            throw new CorruptImageException("the " + what + " at 0x" + Long.toHexString(offset)
                    + " does not begin at a cluster");
        }
        return offset;
    }

    /**
     * Refuses to write to a cluster that is not a data cluster with one reference.
     *
     * @param entry of plain data or zeros with the copied bit
     */
    void checkWritable(long entry) throws IOException {
        if (header.hasDataFile()) {
            return;
        }
        long cluster = aligned(L2Entry.offset(entry), "cluster") >> header.clusterBits();
        if (metadata.contains(cluster)) {
            throw new CorruptImageException("data cluster " + cluster + " is also a table");
        }
        if (refcounts.get(cluster) != 1) {
            throw new CorruptImageException("data cluster " + cluster + " has refcount " + refcounts.get(cluster)
                    + " and is marked as the only one");
        }
    }

    /** An L2 table that may be changed, made or copied where there is none. */
    private TableCache.Table writableTable(long guestCluster) throws IOException {
        int index = (int) (guestCluster / header.l2Entries());
        long old = l1[index];
        if (L2Entry.isCopied(old) && L2Entry.offset(old) != 0) {
            return table(guestCluster);
        }
        TableCache.Table source = table(guestCluster);
        Refcounts.Run run = refcounts.allocate(1, this::referencedBelow);
        TableCache.Table table = l2.create(run.first() << header.clusterBits());
        metadata.add(run.first());
        if (source != null) {
            table.data().copyFrom(source.data());
            refcounts.freeTableLater(source.offset() >> header.clusterBits());
        }
        l1[index] = table.offset() | L2Entry.COPIED_BIT;
        dirtyL1.set(index);
        changed = true;
        return table;
    }

    /** Makes sure that {@link #setEntry} for the cluster cannot fail. */
    void prepare(long guestCluster) throws IOException {
        writableTable(guestCluster);
    }

    /**
     * Sets an L2 entry; what it said before is to be given to {@link #free}.
     *
     * @param bitmap the second word of an extended entry; ignored in an image that has others
     */
    void setEntry(long guestCluster, long entry, long bitmap) throws IOException {
        TableCache.Table table = writableTable(guestCluster);
        int word = indexInL2(guestCluster) * header.l2EntryWords();
        l2.setEntry(table, word, L2Entry.stored(entry));
        if (header.hasSubclusters()) {
            l2.setEntry(table, word + 1, bitmap);
        }
        changed = true;
    }

    /** The clusters of {@code entry} are not needed by it any more. */
    void free(long entry, boolean punch) throws IOException {
        changed = true;
        if (L2Entry.isCompressed(entry)) {
            packed.close();
            long start = L2Entry.compressedOffset(entry, header.clusterBits());
            long last = start + L2Entry.compressedLength(entry, header.clusterBits()) - 1;
            for (long c = start >> header.clusterBits(); c <= last >> header.clusterBits(); c++) {
                refcounts.freeLater(c, false);
            }
        } else if (header.hasDataFile()) {
            if (punch && L2Entry.isCopied(entry)) {
                files.data().punch(L2Entry.offset(entry), header.clusterSize());
            }
        } else if (L2Entry.offset(entry) != 0) {
            refcounts.freeLater(aligned(L2Entry.offset(entry), "cluster") >> header.clusterBits(), punch);
        }
    }

    /**
     * Takes clusters for data.
     *
     * @param guestCluster the first one's place on the disk, which is that in an external data file
     */
    Refcounts.Run allocate(long guestCluster, int wanted) throws IOException {
        changed = true;
        if (header.hasDataFile()) {
            return new Refcounts.Run(guestCluster, wanted, false);
        }
        return refcounts.allocate(wanted, this::referencedBelow);
    }

    /**
     * Takes room for the data of a compressed cluster.
     *
     * @param size less than a cluster
     * @return where it is in the file
     */
    long allocatePacked(int size) throws IOException {
        changed = true;
        return packed.allocate(size, this::referencedBelow);
    }

    void release(Refcounts.Run run) throws IOException {
        if (header.hasDataFile()) {
            return;
        }
        refcounts.release(run);
    }

    private BitSet referencedBelow(int end) throws IOException {
        return new MetadataLayout(file, header).referenced(l1, end);
    }

    /** True if {@link #commit} has something to do. */
    boolean isChanged() {
        return changed;
    }

    void commitIfCrowded() throws IOException {
        if (changed && (l2.isCrowded() || refcounts.isCrowded())) {
            commit(false);
        }
    }

    /**
     * Makes all changes and all data written so far durable. If it throws, nothing is lost: the next commit does it
     * again.
     *
     * @param closing whether refcounts are written that are otherwise postponed
     */
    void commit(boolean closing) throws IOException {
        boolean references = l2.isDirty() || !dirtyL1.isEmpty();
        boolean postponed = header.isLazy() && !closing && !refcounts.isCrowded() && !refcounts.isMoved();
        if (!postponed) {
            refcounts.write();
        }
        if (references) {
            if (header.isLazy() && !dirtyBitSet) {
                setDirtyBit();
            }
            files.flush();
            l2.writeDirty();
            if (!dirtyL1.isEmpty()) {
                file.flush();
                writeL1();
            }
        }
        files.flush();
        l2.markClean();
        dirtyL1.clear();
        if (!postponed) {
            refcounts.markClean();
        }
        long[] punch = refcounts.applyFrees();
        if (!postponed && refcounts.isDirty()) {
            // Lower counts need no flush: losing them leaks clusters.
            refcounts.write();
            refcounts.markClean();
        }
        changed = false;
        punch(punch);
    }

    /** The incompatible features of the file as it is now. */
    long incompatible() {
        return dirtyBitSet ? header.incompatible() | Qcow2Header.DIRTY_BIT
                : header.incompatible() & ~Qcow2Header.DIRTY_BIT;
    }

    private void setDirtyBit() throws IOException {
        Bytes.writeLong(file, Qcow2Header.INCOMPATIBLE_FIELD, header.incompatible() | Qcow2Header.DIRTY_BIT);
        file.flush();
        dirtyBitSet = true;
    }

    private void writeL1() throws IOException {
        for (int i = dirtyL1.nextSetBit(0); i >= 0; ) {
            int to = dirtyL1.nextClearBit(i);
            MemorySegment bytes = Bytes.allocate(8L * (to - i));
            for (int j = i; j < to; j++) {
                Bytes.putLong(bytes, 8L * (j - i), l1[j]);
            }
            file.write(l1Offset + 8L * i, bytes);
            i = dirtyL1.nextSetBit(to);
        }
    }

    /** Gives space back, where clusters lie side by side in one call. All is saved: a failure costs room only. */
    private void punch(long[] clusters) {
        for (int i = 0; i < clusters.length; ) {
            int to = i + 1;
            while (to < clusters.length && clusters[to] == clusters[to - 1] + 1) {
                to++;
            }
            try {
                file.punch(clusters[i] << header.clusterBits(), (long) (to - i) << header.clusterBits());
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "{0}: cannot give space back: {1}", file.name(), e.getMessage());
                return;
            }
            i = to;
        }
    }

    /** Commits all and marks the image as well closed. */
    void close() throws IOException {
        if (changed || refcounts.isDirty()) {
            commit(true);
        }
        if (dirtyBitSet) {
            file.flush();
            Bytes.writeLong(file, Qcow2Header.INCOMPATIBLE_FIELD, header.incompatible() & ~Qcow2Header.DIRTY_BIT);
            file.flush();
            dirtyBitSet = false;
        }
    }
}
