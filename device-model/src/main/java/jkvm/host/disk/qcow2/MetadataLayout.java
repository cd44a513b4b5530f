package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongConsumer;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.InternalSnapshot;

/** Walks the tables of a qcow2 file, to know where they are and what they refer to. */
final class MetadataLayout {
    /** Takes the places of tables. */
    @FunctionalInterface
    interface Sink {
        void add(String what, long offset, long length) throws IOException;
    }

    /** Clusters of tables in an image that is written; their numbers are kept in memory. */
    private static final int MAX_TABLE_CLUSTERS = 1 << 23;
    /** Of L2 tables, which is seconds of reading. */
    private static final long MAX_SCAN_BYTES = 1L << 30;

    private final BlockFile file;
    private final Qcow2Header header;

    MetadataLayout(BlockFile file, Qcow2Header header) {
        this.file = file;
        this.header = header;
    }

    /**
     * Collects the clusters of all tables.
     *
     * @param l1 the active L1 table
     * @throws CorruptImageException if two of them overlap or one lies outside the file
     * @throws IOException           if there are more than can be kept in memory
     */
    void collect(long[] l1, Refcounts refcounts, LongSet clusters) throws IOException {
        long fileSize = file.size();
        Sink sink = (what, offset, length) -> {
            if ((offset & header.clusterSize() - 1) != 0 || offset < 0 || offset >= fileSize && length > 0) {
                throw new CorruptImageException("the " + what + " at 0x" + Long.toHexString(offset)
                        + " is not at a cluster of the file");
            }
            for (long at = offset; at < offset + length; at += header.clusterSize()) {
                if (!clusters.add(at >> header.clusterBits())) {
                    throw new CorruptImageException("the " + what + " at 0x" + Long.toHexString(at)
                            + " overlaps another table");
                }
                if (clusters.size() > MAX_TABLE_CLUSTERS) {
                    throw new IOException("the image has too many tables to be written: open it read-only");
                }
            }
        };
        sink.add("header", 0, header.clusterSize());
        sink.add("L1 table", header.l1Offset(), 8L * header.l1Size());
        refcounts.forEachCluster(sink);
        for (long entry : l1) {
            if (L2Entry.offset(entry) != 0) {
                sink.add("L2 table", L2Entry.offset(entry), header.clusterSize());
            }
        }
        sink.add("encryption header", header.encryption().offset(), header.encryption().length());
        if (header.snapshotCount() > 0) {
            collectSnapshots(l1, sink);
        }
        new BitmapDirectory(file, header).forEachPlace(sink);
    }

    private void collectSnapshots(long[] l1, Sink sink) throws IOException {
        // Snapshots share L2 tables with the disk and with each other.
        LongSet shared = new LongSet();
        for (long entry : l1) {
            shared.add(L2Entry.offset(entry));
        }
        shared.add(0);
        SnapshotTable table = new SnapshotTable(file, header);
        List<InternalSnapshot> snapshots = table.read();
        sink.add("snapshot table", header.snapshotsOffset(), table.length());
        for (InternalSnapshot snapshot : snapshots) {
            sink.add("snapshot's L1 table", snapshot.l1Offset(), 8L * snapshot.l1Size());
            for (long entry : ClusterMap.readL1(file, snapshot.l1Offset(), snapshot.l1Size())) {
                long offset = L2Entry.offset(entry);
                if (shared.add(offset)) {
                    sink.add("snapshot's L2 table", offset, header.clusterSize());
                }
            }
        }
    }

    /**
     * Finds the clusters below {@code end} that data of the disk or of a snapshot is in.
     *
     * @param l1 the active L1 table
     * @return null if there are so many tables that it would take long
     */
    BitSet referenced(long[] l1, int end) throws IOException {
        LongSet tables = new LongSet();
        addTables(l1, tables);
        if (header.snapshotCount() > 0) {
            for (InternalSnapshot snapshot : new SnapshotTable(file, header).read()) {
                addTables(ClusterMap.readL1(file, snapshot.l1Offset(), snapshot.l1Size()), tables);
            }
        }
        tables.remove(0);
        if ((long) tables.size() << header.clusterBits() > MAX_SCAN_BYTES) {
            return null;
        }
        BitSet used = new BitSet(end);
        long[] offsets = tables.toArray();
        Arrays.sort(offsets);
        addData(offsets, used, end);
        return used;
    }

    private static void addTables(long[] l1, LongSet tables) {
        for (long entry : l1) {
            tables.add(L2Entry.offset(entry));
        }
    }

    private void addData(long[] tables, BitSet used, int end) throws IOException {
        MemorySegment l2 = Bytes.allocate(header.clusterSize());
        for (long offset : tables) {
            long count = file.read(offset, l2);
            for (int i = 0; i < count / 8; i += header.l2EntryWords()) {
                forEachCluster(Bytes.getLong(l2, 8L * i), cluster -> {
                    if (cluster < end) {
                        used.set((int) cluster);
                    }
                });
            }
        }
    }

    /** The clusters of the file that an L2 entry refers to. */
    void forEachCluster(long entry, LongConsumer action) {
        if (L2Entry.isCompressed(entry)) {
            long start = L2Entry.compressedOffset(entry, header.clusterBits());
            long last = start + L2Entry.compressedLength(entry, header.clusterBits()) - 1;
            for (long c = start >> header.clusterBits(); c <= last >> header.clusterBits(); c++) {
                action.accept(c);
            }
        } else if (L2Entry.offset(entry) != 0 && !header.hasDataFile()) {
            action.accept(L2Entry.offset(entry) >> header.clusterBits());
        }
    }
}
