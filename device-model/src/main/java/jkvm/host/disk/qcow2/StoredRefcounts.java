package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;

/**
 * The refcounts of a file as they are, for a check: nothing about them has to be right. Where there is no block, or it
 * lies past the end of the file, they are zero. Changes are kept until {@link #save}.
 */
final class StoredRefcounts {
    private static final long RESERVED_MASK = 511;
    private static final int MAX_CACHED_BYTES = 32 << 20;

    private final BlockFile file;
    private final Qcow2Header header;
    private final RefcountWidth width;
    private final int entriesPerBlockBits;
    private final long[] table;
    private final int maxCached;
    private final Map<Long, MemorySegment> blocks = new HashMap<>();
    private final Map<Long, MemorySegment> changed = new HashMap<>();

    StoredRefcounts(BlockFile file, Qcow2Header header) throws IOException {
        this.file = file;
        this.header = header;
        this.width = new RefcountWidth(header.refcountOrder());
        this.entriesPerBlockBits = header.clusterBits() + 3 - header.refcountOrder();
        this.maxCached = Math.max(4, MAX_CACHED_BYTES >> header.clusterBits());
        MemorySegment bytes = Bytes.allocate((long) header.refcountClusters() << header.clusterBits());
        file.read(header.refcountOffset(), bytes);
        table = new long[(int) (bytes.byteSize() / 8)];
        for (int i = 0; i < table.length; i++) {
            table[i] = Bytes.getLong(bytes, 8L * i);
        }
    }

    /** Entries of the table. */
    int tableLength() {
        return table.length;
    }

    /** Where a block is by the table; zero if there is none. */
    long blockOffset(int index) {
        return table[index] & ~RESERVED_MASK;
    }

    /** Whether bits of a table's entry are set that mean nothing. */
    boolean hasReservedBits(int index) {
        return (table[index] & RESERVED_MASK) != 0;
    }

    RefcountWidth width() {
        return width;
    }

    /** Whether the refcount can be read: its block begins at a cluster. */
    boolean isReadable(long cluster) {
        long index = cluster >>> entriesPerBlockBits;
        return index >= table.length || (blockOffset((int) index) & header.clusterSize() - 1) == 0;
    }

    /** The refcount of a cluster for which {@link #isReadable} holds. */
    long get(long cluster) throws IOException {
        long index = cluster >>> entriesPerBlockBits;
        long offset = index < table.length ? blockOffset((int) index) : 0;
        return offset == 0 ? 0 : width.read(block(offset), indexInBlock(cluster));
    }

    private int indexInBlock(long cluster) {
        return (int) (cluster & (1L << entriesPerBlockBits) - 1);
    }

    private MemorySegment block(long offset) throws IOException {
        MemorySegment block = blocks.get(offset);
        if (block == null) {
            if (blocks.size() >= maxCached) {
                save();
                blocks.clear();
            }
            block = Bytes.allocate(header.clusterSize());
            file.read(offset, block);
            blocks.put(offset, block);
        }
        return block;
    }

    /** Changes a refcount that is not zero now, so that it has a block. */
    void set(long cluster, long value) throws IOException {
        long offset = blockOffset((int) (cluster >>> entriesPerBlockBits));
        MemorySegment block = block(offset);
        width.store(block, indexInBlock(cluster), value);
        changed.put(offset, block);
    }

    /** Writes what changed, durably. */
    void save() throws IOException {
        for (Map.Entry<Long, MemorySegment> each : changed.entrySet()) {
            file.write(each.getKey(), each.getValue());
        }
        if (!changed.isEmpty()) {
            file.flush();
        }
        changed.clear();
    }

    /** The next cluster that a block counts, {@code cluster} or a later one; a huge number if there is none. */
    long nextCovered(long cluster) {
        long index = cluster >>> entriesPerBlockBits;
        if (index < table.length && table[(int) index] != 0) {
            return cluster;
        }
        while (index < table.length && table[(int) index] == 0) {
            index++;
        }
        return index >= table.length ? Long.MAX_VALUE : Math.max(cluster, index << entriesPerBlockBits);
    }
}
