package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.InternalSnapshot;

/**
 * Keeps a repair from writing to an L2 table that is another table too: the header, an L1 table, the refcount table or
 * one of its blocks, the snapshot table. Their places are collected when they are needed first.
 */
final class MetadataGuard {
    private static final int MAX_CLUSTERS = 1 << 23;

    private final BlockFile file;
    private final Qcow2Header header;
    private LongSet others;
    private LongSet active;

    MetadataGuard(BlockFile file, Qcow2Header header) {
        this.file = file;
        this.header = header;
    }

    /**
     * Whether an L2 table may be written.
     *
     * @param ofDisk true for a table of the disk as it is now, false for one of a snapshot
     */
    boolean mayWriteL2(long offset, boolean ofDisk) throws IOException {
        if (others == null) {
            collect();
        }
        long first = offset >> header.clusterBits();
        long last = offset + header.clusterSize() - 1 >> header.clusterBits();
        for (long cluster = first; cluster <= last; cluster++) {
            if (others.contains(cluster) || !ofDisk && active.contains(cluster)) {
                return false;
            }
        }
        return true;
    }

    private void collect() throws IOException {
        others = new LongSet();
        active = new LongSet();
        add(others, 0, 1);
        add(others, header.l1Offset(), 8L * header.l1Size());
        add(others, header.refcountOffset(), (long) header.refcountClusters() << header.clusterBits());
        add(others, header.encryption().offset(), header.encryption().length());
        StoredRefcounts refcounts = new StoredRefcounts(file, header);
        for (int i = 0; i < refcounts.tableLength(); i++) {
            if (refcounts.blockOffset(i) != 0) {
                add(others, refcounts.blockOffset(i), header.clusterSize());
            }
        }
        if (header.snapshotCount() > 0) {
            SnapshotTable table = new SnapshotTable(file, header);
            for (InternalSnapshot snapshot : table.readUnchecked()) {
                add(others, snapshot.l1Offset(), 8L * Math.clamp(snapshot.l1Size(), 0, Qcow2Header.MAX_L1_BYTES / 8));
            }
            add(others, header.snapshotsOffset(), table.length());
        }
        new BitmapDirectory(file, header).forEachPlace((what, offset, length) -> add(others, offset, length));
        MemorySegment l1 = Bytes.allocate(Math.max(8L, 8L * header.l1Size()));
        file.read(header.l1Offset(), l1);
        for (int i = 0; i < header.l1Size(); i++) {
            add(active, L2Entry.offset(Bytes.getLong(l1, 8L * i)), header.clusterSize());
        }
    }

    private void add(LongSet set, long offset, long length) throws IOException {
        for (long at = offset & -header.clusterSize(); at < offset + length; at += header.clusterSize()) {
            set.add(at >> header.clusterBits());
        }
        if (set.size() > MAX_CLUSTERS) {
            throw new IOException("the image has too many tables to be repaired");
        }
    }
}
