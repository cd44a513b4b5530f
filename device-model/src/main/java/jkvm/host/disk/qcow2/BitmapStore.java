package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;

/** Writes the bits of persistent bitmaps, which are marked as in use meanwhile. */
final class BitmapStore {
    private final BlockFile file;
    private final Qcow2Tables tables;

    BitmapStore(BlockFile file, Qcow2Tables tables) {
        this.file = file;
        this.tables = tables;
    }

    /** Writes all bits to where the bitmap is; clusters without a set bit are given back. */
    void save(StoredBitmap bitmap, BitSet bits) throws IOException {
        int clusterSize = tables.header().clusterSize();
        MemorySegment table = new BitmapDirectory(file, tables.header()).table(bitmap);
        long[] unused = new long[bitmap.tableSize()];
        int unusedCount = 0;
        for (int i = 0; i < bitmap.tableSize(); i++) {
            MemorySegment cluster = cluster(bits, i, clusterSize);
            long old = L2Entry.offset(Bytes.getLong(table, 8L * i));
            long place = 0;
            if (cluster == null) {
                if (old != 0) {
                    unused[unusedCount++] = old;
                }
            } else if (old != 0) {
                file.write(old, cluster);
                place = old;
            } else {
                place = tables.write(cluster);
            }
            Bytes.putLong(table, 8L * i, place);
        }
        tables.save();
        file.write(bitmap.tableOffset(), table);
        file.flush();
        for (int i = 0; i < unusedCount; i++) {
            tables.freeTable(unused[i], clusterSize);
        }
        tables.save();
    }

    /** A cluster of bits; null if none is set. */
    static MemorySegment cluster(BitSet bits, int index, int clusterSize) {
        long first = 8L * clusterSize * index;
        int end = (int) Math.min(Integer.MAX_VALUE, first + 8L * clusterSize);
        BitSet part = bits.get((int) first, end);
        if (part.isEmpty()) {
            return null;
        }
        MemorySegment cluster = Bytes.allocate(clusterSize);
        cluster.copyFrom(MemorySegment.ofArray(part.toByteArray()));
        return cluster;
    }
}
