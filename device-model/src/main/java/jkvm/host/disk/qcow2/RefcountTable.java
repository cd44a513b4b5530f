package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;

/**
 * Where the refcount blocks of a qcow2 file are. Changes are in memory until {@link #write}. A caller that changes it
 * excludes all others.
 */
final class RefcountTable {
    private static final long OFFSET_MASK = -512;

    private final BlockFile file;
    private final int clusterBits;
    private final BitSet dirty = new BitSet();
    private long[] entries;
    private long offset;
    private long clusters;
    private boolean moved;

    RefcountTable(BlockFile file, Qcow2Header header) throws IOException {
        this.file = file;
        this.clusterBits = header.clusterBits();
        this.offset = header.refcountOffset();
        this.clusters = header.refcountClusters();
        MemorySegment bytes = Bytes.allocate(clusters << clusterBits);
        file.read(offset, bytes);
        entries = new long[(int) (bytes.byteSize() / 8)];
        Arrays.setAll(entries, i -> Bytes.getLong(bytes, 8L * i) & OFFSET_MASK);
    }

    /** How many blocks it can have. */
    int length() {
        return entries.length;
    }

    /** Where a block is; zero if there is none. */
    long block(long index) {
        return index < entries.length ? entries[(int) index] : 0;
    }

    void setBlock(int index, long block) {
        entries[index] = block;
        dirty.set(index);
    }

    long firstCluster() {
        return offset >> clusterBits;
    }

    long clusterCount() {
        return clusters;
    }

    /** Its clusters and those of all blocks. */
    void forEachCluster(MetadataLayout.Sink sink) throws IOException {
        sink.add("refcount table", offset, clusters << clusterBits);
        for (long block : entries) {
            if (block != 0) {
                sink.add("refcount block", block, 1L << clusterBits);
            }
        }
    }

    /** Makes room for more blocks. It has to be moved before it is written, or made as short as before. */
    void setLength(int length) {
        entries = Arrays.copyOf(entries, length);
        dirty.clear(length, Math.max(length, dirty.length()));
    }

    /** Moves the table to a new place of {@code clusterCount} clusters. */
    void move(long firstCluster, int clusterCount) {
        offset = firstCluster << clusterBits;
        clusters = clusterCount;
        moved = true;
    }

    /** True if it has a new place that the file does not know yet. */
    boolean isMoved() {
        return moved;
    }

    boolean isDirty() {
        return moved || !dirty.isEmpty();
    }

    /** Writes what changed; the blocks have been written. A flush has to follow, and then {@link #markClean()}. */
    void write() throws IOException {
        if (moved) {
            file.write(offset, bytes());
            file.flush();
            MemorySegment fields = Bytes.allocate(12);
            Bytes.putLong(fields, 0, offset);
            Bytes.putInt(fields, 8, (int) clusters);
            file.write(Qcow2Header.REFCOUNT_TABLE_FIELD, fields);
        } else if (!dirty.isEmpty()) {
            file.flush();
            MemorySegment bytes = bytes();
            for (int i = dirty.nextSetBit(0); i >= 0; ) {
                int to = dirty.nextClearBit(i);
                file.write(offset + 8L * i, bytes, 8L * i, 8L * (to - i));
                i = dirty.nextSetBit(to);
            }
        }
    }

    private MemorySegment bytes() {
        MemorySegment bytes = Bytes.allocate(8L * entries.length);
        for (int i = 0; i < entries.length; i++) {
            Bytes.putLong(bytes, 8L * i, entries[i]);
        }
        return bytes;
    }

    /** The blocks that {@link #write()} wrote are on the disk. */
    void markClean() {
        dirty.clear();
        moved = false;
    }
}
