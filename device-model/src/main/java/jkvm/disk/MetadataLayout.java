package jkvm.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongConsumer;

/** Walks the tables of a qcow2 file, to know where they are and what they refer to. */
final class MetadataLayout {
    /** Takes the places of tables. */
    @FunctionalInterface
    interface Sink {
        void add(String what, long offset, long length) throws IOException;
    }

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
        if (header.snapshotCount() > 0) {
            collectSnapshots(l1, sink);
        }
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

    /** Sets a bit for each cluster below {@code end} that data of the disk or of a snapshot is in. */
    void referenced(long[] l1, BitSet used, long end) throws IOException {
        addData(l1, used, end);
        if (header.snapshotCount() > 0) {
            for (InternalSnapshot snapshot : new SnapshotTable(file, header).read()) {
                addData(ClusterMap.readL1(file, snapshot.l1Offset(), snapshot.l1Size()), used, end);
            }
        }
    }

    private void addData(long[] l1, BitSet used, long end) throws IOException {
        MemorySegment l2 = Bytes.allocate(header.clusterSize());
        for (long l1Entry : l1) {
            long offset = L2Entry.offset(l1Entry);
            if (offset == 0) {
                continue;
            }
            long count = file.read(offset, l2);
            for (int i = 0; i < count / 8; i++) {
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
        } else if (L2Entry.offset(entry) != 0) {
            action.accept(L2Entry.offset(entry) >> header.clusterBits());
        }
    }
}
