package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;

/**
 * Writes a new refcount table with its blocks, into clusters that nothing refers to. The old ones stay as they are, so
 * that the header can go from one to the other at any moment.
 */
final class RefcountRebuild {
    private final BlockFile file;
    private final Qcow2Header header;
    private final ReferenceCounter counter;
    private final ReferenceCounts counts;
    private final RefcountWidth width;
    private final int entriesPerBlockBits;
    /** The clusters of the new blocks, by index. */
    private final Map<Long, Long> blocks = new TreeMap<>();
    private long firstFree;
    private long tableCluster = -1;
    private int tableClusters;

    /**
     * @param counter with all references counted, those to the old table and its blocks too
     * @param order   logarithm of the new refcounts' width in bits
     */
    RefcountRebuild(BlockFile file, Qcow2Header header, ReferenceCounter counter, int order) {
        this.file = file;
        this.header = header;
        this.counter = counter;
        this.counts = counter.counts();
        this.width = new RefcountWidth(order);
        this.entriesPerBlockBits = header.clusterBits() + 3 - order;
    }

    /** Writes the new table and its blocks, durably. The header knows nothing of them yet. */
    void write() throws IOException {
        while (placeBlocks() || placeTable()) {
            // Each new place is counted, which may need another block.
        }
        MemorySegment table = Bytes.allocate((long) tableClusters << header.clusterBits());
        for (Map.Entry<Long, Long> each : blocks.entrySet()) {
            Bytes.putLong(table, 8 * each.getKey(), each.getValue() << header.clusterBits());
            file.write(each.getValue() << header.clusterBits(), block(each.getKey()));
        }
        file.write(tableCluster << header.clusterBits(), table);
        file.flush();
    }

    /** Where the new table is. */
    long tableOffset() {
        return tableCluster << header.clusterBits();
    }

    int tableClusters() {
        return tableClusters;
    }

    /** Makes the header refer to the new table. */
    void use() throws IOException {
        MemorySegment fields = Bytes.allocate(12);
        Bytes.putLong(fields, 0, tableOffset());
        Bytes.putInt(fields, 8, tableClusters);
        file.write(Qcow2Header.REFCOUNT_TABLE_FIELD, fields);
        file.flush();
    }

    private MemorySegment block(long index) throws IOException {
        MemorySegment block = Bytes.allocate(header.clusterSize());
        long first = index << entriesPerBlockBits;
        for (int i = 0; i < 1 << entriesPerBlockBits && first + i < counts.end(); i++) {
            int count = counts.get(first + i);
            if (count != 0) {
                width.store(block, i, count);
            }
        }
        return block;
    }

    private boolean placeBlocks() throws IOException {
        boolean placed = false;
        for (long cluster = counts.nextPage(0, counts.end()); cluster < counts.end(); ) {
            long index = cluster >>> entriesPerBlockBits;
            if (counts.get(cluster) == 0) {
                cluster++;
                cluster = cluster % ReferenceCounts.PAGE_SIZE == 0 ? counts.nextPage(cluster, counts.end()) : cluster;
            } else {
                if (!blocks.containsKey(index)) {
                    // Not where a block counts that is placed already.
                    firstFree = Math.max(firstFree, index << entriesPerBlockBits);
                    blocks.put(index, take(1));
                    placed = true;
                }
                cluster = index + 1 << entriesPerBlockBits;
            }
        }
        return placed;
    }

    private boolean placeTable() throws IOException {
        long highest = blocks.keySet().stream().mapToLong(Long::longValue).max().orElse(0);
        int needed = (int) Bytes.divideUp(8 * (highest + 1), header.clusterSize());
        if ((long) needed << header.clusterBits() > Math.max(Qcow2Header.MAX_REFCOUNT_TABLE_BYTES,
                header.clusterSize())) {
            throw new IOException("the image is too large for its refcount table");
        }
        if (needed <= tableClusters) {
            return false;
        }
        for (int i = 0; i < tableClusters; i++) {
            counts.add(tableCluster + i, -1);
        }
        tableClusters = needed;
        tableCluster = take(needed);
        return true;
    }

    /** The first clusters side by side that nothing refers to. */
    private long take(int wanted) throws IOException {
        long first = firstFree;
        for (int i = 0; i < wanted; ) {
            if (counts.get(first + i) == 0 && !counter.isLost(first + i)) {
                i++;
            } else {
                first += i + 1;
                i = 0;
            }
        }
        for (int i = 0; i < wanted; i++) {
            counts.add(first + i, 1);
        }
        firstFree = wanted == 1 ? first + 1 : firstFree;
        return first;
    }
}
