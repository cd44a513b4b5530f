package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.LongStream;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.table.TableCache;

/**
 * How often each cluster of a qcow2 file is referred to, and which are free. All changes are in memory until
 * {@link #write()}. A caller that changes them excludes all others; {@link #get} may run beside itself.
 *
 * <p>Three rules keep the file's refcounts from ever being lower than its references: a cluster that is no longer
 * referred to is only noted by {@link #freeLater}, and given back by {@link #applyFrees} when its last reference has
 * gone from the file too; a hole below the end that the file had when it was opened is used only after a scan of all
 * references; and clusters of tables are never given out.
 */
final class Refcounts {
    /**
     * Clusters that were taken.
     *
     * @param fresh whether the file has never been written there: it reads as zeros
     */
    record Run(long first, int count, boolean fresh) {
    }

    private record PendingFree(long cluster, boolean punch) {
    }

    /** A damaged or hostile file can have refcounts without end past its end. */
    private static final int MAX_SKIPPED = 1 << 20;
    private static final int MAX_PENDING = 1 << 16;

    private final BlockFile file;
    private final Qcow2Header header;
    private final RefcountTable table;
    private final TableCache blocks;
    private final LongSet metadata;
    private final int entriesPerBlockBits;
    private final RefcountWidth width;
    private final List<PendingFree> pending = new ArrayList<>();
    private final Holes holes = new Holes();
    /** From here on nothing is or was used. */
    private long end;

    /** @param metadata clusters that hold tables; kept up to date here for refcount tables and blocks */
    Refcounts(BlockFile file, Qcow2Header header, int cachedBlocks, LongSet metadata) throws IOException {
        this.file = file;
        this.header = header;
        this.metadata = metadata;
        this.width = new RefcountWidth(header.refcountOrder());
        this.entriesPerBlockBits = header.clusterBits() + 3 - header.refcountOrder();
        this.blocks = new TableCache(file, header.clusterSize(), cachedBlocks, "refcount block");
        this.table = new RefcountTable(file, header);
        end = file.hasFixedSize() ? lastCounted() + 1 : Bytes.divideUp(file.size(), header.clusterSize());
    }

    /** The last cluster that counts as used, or -1. */
    long lastCounted() throws IOException {
        for (int block = table.length() - 1; block >= 0; block--) {
            if (table.block(block) != 0) {
                MemorySegment counts = blocks.get(table.block(block)).data();
                for (int i = (1 << entriesPerBlockBits) - 1; i >= 0; i--) {
                    if (width.read(counts, i) != 0) {
                        return ((long) block << entriesPerBlockBits) + i;
                    }
                }
            }
        }
        return -1;
    }

    /** Clusters of the refcount table and blocks, for the check that tables do not overlap. */
    void forEachCluster(MetadataLayout.Sink sink) throws IOException {
        table.forEachCluster(sink);
    }

    /** One past the last cluster that may be in use. */
    long end() {
        return end;
    }

    /** Nothing below is to be taken as the end. */
    void raiseEnd(long cluster) {
        end = Math.max(end, cluster);
    }

    /** How many clusters the table can count. */
    long covered() {
        return (long) table.length() << entriesPerBlockBits;
    }

    long get(long cluster) throws IOException {
        long block = blockOffset(cluster);
        return block == 0 ? 0 : width.read(blocks.get(block).data(), indexInBlock(cluster));
    }

    private long blockOffset(long cluster) {
        return table.block(cluster >>> entriesPerBlockBits);
    }

    private int indexInBlock(long cluster) {
        return (int) (cluster & (1L << entriesPerBlockBits) - 1);
    }

    /** Whether a refcount is wide enough for {@code value}. */
    boolean canCount(long value) {
        return width.fits(value);
    }

    /** Sets a refcount, and makes a block for it where there is none. */
    void set(long cluster, long value) throws IOException {
        if (!width.fits(value)) {
            throw new IOException("cluster " + cluster + " is referred to more often than its refcount can count");
        }
        TableCache.Table block = blockFor(cluster);
        int index = indexInBlock(cluster);
        width.store(block.data(), index, value);
        blocks.changed(block, width.position(index), width.position(index) + 1);
    }

    private TableCache.Table blockFor(long cluster) throws IOException {
        long offset = blockOffset(cluster);
        if (offset != 0) {
            return blocks.get(offset);
        }
        cover(cluster);
        long place = skipToUnused();
        while (place >= covered()) {
            cover(place);
            place = skipToUnused();
        }
        int index = (int) (cluster >>> entriesPerBlockBits);
        if (table.block(index) != 0) {
            return blocks.get(table.block(index));
        }
        end = place + 1;
        if (place >>> entriesPerBlockBits != index) {
            set(place, 1);
        }
        TableCache.Table block = blocks.create(place << header.clusterBits());
        metadata.add(place);
        table.setBlock(index, block.offset());
        if (place >>> entriesPerBlockBits == index) {
            set(place, 1);
        }
        return block;
    }

    private long skipToUnused() throws IOException {
        long cluster = end;
        while (get(cluster) != 0 || metadata.contains(cluster)) {
            if (++cluster - end > MAX_SKIPPED) {
                throw new CorruptImageException("there are refcounts past the end of the file");
            }
        }
        return cluster;
    }

    /** Makes the table long enough to count {@code cluster}, and some that follow. */
    private void cover(long cluster) throws IOException {
        if (cluster < covered()) {
            return;
        }
        int clusterSize = header.clusterSize();
        // Room for the new table itself and the blocks that count it.
        long entries = (cluster >>> entriesPerBlockBits) + 1;
        entries += entries / 2 + 64;
        long bytes = Bytes.roundUp(entries * 8, clusterSize);
        long limit = Math.max(Qcow2Header.MAX_REFCOUNT_TABLE_BYTES, clusterSize);
        if (bytes > limit) {
            bytes = limit;
            if (cluster + (limit >> header.clusterBits()) + 64 >= limit / 8 << entriesPerBlockBits) {
                throw new IOException("the image is too large for its refcount table");
            }
        }
        grow((int) (bytes >> header.clusterBits()));
    }

    private void grow(int clusters) throws IOException {
        long first = skipToUnused();
        for (int i = 1; i < clusters; i++) {
            if (get(first + i) != 0 || metadata.contains(first + i)) {
                first += i + 1;
                i = 0;
            }
        }
        int oldLength = table.length();
        // Longer first, as the new clusters may lie past what it counts.
        table.setLength(clusters << header.clusterBits() - 3);
        end = first + clusters;
        try {
            for (int i = 0; i < clusters; i++) {
                set(first + i, 1);
            }
        } catch (IOException e) {
            table.setLength(oldLength);
            throw e;
        }
        for (long i = 0; i < clusters; i++) {
            metadata.add(first + i);
        }
        for (long old = table.firstCluster(); old < table.firstCluster() + table.clusterCount(); old++) {
            metadata.remove(old);
            freeTableLater(old);
        }
        table.move(first, clusters);
    }

    /**
     * Takes free clusters that lie side by side, as many as there are up to {@code wanted}, and counts one reference
     * each.
     *
     * @throws CorruptImageException if a cluster that counts as free is in use
     */
    Run allocate(int wanted, Holes.ReferenceScan scan) throws IOException {
        holes.search(this, metadata, scan);
        Run run = holes.isEmpty() ? atEnd(wanted) : checked(holes.take(wanted));
        int done = 0;
        try {
            for (; done < run.count; done++) {
                set(run.first + done, 1);
            }
        } finally {
            if (done < run.count) {
                release(new Run(run.first, done, false));
            }
        }
        return run;
    }

    private Run checked(Run hole) throws IOException {
        for (long cluster = hole.first; cluster < hole.first + hole.count; cluster++) {
            if (get(cluster) != 0 || metadata.contains(cluster)) {
                throw new CorruptImageException("free cluster " + cluster + " is in use");
            }
        }
        return hole;
    }

    /** Clusters past the end that are next to each other. */
    Run atEnd(int wanted) throws IOException {
        long first = skipToUnused();
        // Blocks for the new clusters are put after them.
        int count = 1;
        while (count < wanted && get(first + count) == 0 && !metadata.contains(first + count)) {
            count++;
        }
        end = first + count;
        return new Run(first, count, !file.hasFixedSize());
    }

    /** The clusters below {@code limit} that count as free. */
    BitSet uncounted(int limit) throws IOException {
        BitSet uncounted = new BitSet(limit);
        uncounted.set(0, limit);
        int perBlock = 1 << entriesPerBlockBits;
        for (int block = 0; block < table.length() && (long) block * perBlock < limit; block++) {
            if (table.block(block) != 0) {
                MemorySegment counts = blocks.get(table.block(block)).data();
                int first = block * perBlock;
                for (int i = 0; i < perBlock && first + i < limit; i++) {
                    if (width.read(counts, i) != 0) {
                        uncounted.clear(first + i);
                    }
                }
            }
        }
        return uncounted;
    }

    /**
     * The next cluster that a refcount block counts, {@code cluster} or a later one; a huge number if there is none.
     */
    long nextCovered(long cluster) {
        long block = cluster >>> entriesPerBlockBits;
        if (table.block(block) != 0) {
            return cluster;
        }
        while (block < table.length() && table.block(block) == 0) {
            block++;
        }
        return block >= table.length() ? Long.MAX_VALUE : Math.max(cluster, block << entriesPerBlockBits);
    }

    /** Gives clusters back that nothing ever referred to. */
    void release(Run run) throws IOException {
        for (int i = 0; i < run.count; i++) {
            set(run.first + i, 0);
            holes.add(run.first + i);
        }
    }

    /** One reference to {@code cluster} is going to disappear from the file with the next commit. */
    void freeLater(long cluster, boolean punch) throws IOException {
        if (metadata.contains(cluster) || get(cluster) == 0) {
            throw new CorruptImageException("cluster " + cluster + " is data, and "
                    + (metadata.contains(cluster) ? "a table too" : "counts as free"));
        }
        pending.add(new PendingFree(cluster, punch));
    }

    /** As {@link #freeLater}, for a cluster that holds a table of which there may be more owners. */
    void freeTableLater(long cluster) {
        pending.add(new PendingFree(cluster, false));
    }

    /**
     * Counts what {@link #freeLater} noted; the file has no such references any more.
     *
     * @return clusters whose space may be given back to the host, in ascending order
     */
    long[] applyFrees() throws IOException {
        LongStream.Builder punch = LongStream.builder();
        while (!pending.isEmpty()) {
            PendingFree each = pending.getLast();
            long count = get(each.cluster);
            if (count > 0) {
                set(each.cluster, count - 1);
            }
            pending.removeLast();
            if (count == 1) {
                blocks.drop(each.cluster << header.clusterBits());
                metadata.remove(each.cluster);
                holes.add(each.cluster);
                if (each.punch) {
                    punch.add(each.cluster);
                }
            }
        }
        return punch.build().sorted().toArray();
    }

    boolean isDirty() {
        return blocks.isDirty() || table.isDirty();
    }

    /** True if the table has a new place that the file does not know yet. */
    boolean isMoved() {
        return table.isMoved();
    }

    boolean isCrowded() {
        return blocks.isCrowded() || pending.size() >= MAX_PENDING;
    }

    /**
     * Writes what changed, in the order that keeps the refcounts in the file valid at each moment. A flush has to
     * follow, and then {@link #markClean()}.
     */
    void write() throws IOException {
        blocks.writeDirty();
        table.write();
    }

    /** The changes that {@link #write()} wrote are on the disk. */
    void markClean() {
        blocks.markClean();
        table.markClean();
    }
}
