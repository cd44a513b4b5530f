package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.InternalSnapshot;

/**
 * Counts how often each cluster of a qcow2 file is referred to, and notes what cannot be right. The counts are kept in
 * pages, and only those that are not zero: a file may be huge and sparse.
 */
final class ReferenceCounter {
    /** Clusters of a page. */
    static final int PAGE_SIZE = 4096;
    private static final long MAX_CLUSTERS = 1L << 38;
    private static final int MAX_MESSAGES = 1000;

    private final BlockFile file;
    private final Qcow2Header header;
    private final long fileSize;
    private final NavigableMap<Long, int[]> pages = new TreeMap<>();
    /** As many as fit into half of Java's memory. */
    private final long maxPages = Runtime.getRuntime().maxMemory() / 2 / (PAGE_SIZE * Integer.BYTES);
    private long lastPageNumber = -1;
    private int[] lastPage;
    private final List<String> messages = new ArrayList<>();
    /** Errors that no refcount can mend: tables that are not in the file. */
    private long structural;
    private long allocated;
    private long fragmented;
    private long compressed;
    private long nextContiguous;

    ReferenceCounter(BlockFile file, Qcow2Header header) throws IOException {
        this.file = file;
        this.header = header;
        this.fileSize = file.size();
        if (clusters() > MAX_CLUSTERS) {
            throw new IOException("the file is too large to check");
        }
    }

    /** Clusters of the file, the last maybe in part. */
    long clusters() {
        return Bytes.divideUp(fileSize, header.clusterSize());
    }

    int count(long cluster) {
        int[] page = page(cluster);
        return page == null ? 0 : page[(int) cluster & PAGE_SIZE - 1];
    }

    /** The start of the next page with a count, that of {@code cluster} or a later one. */
    long nextPage(long cluster) {
        Long number = pages.ceilingKey(cluster / PAGE_SIZE);
        return number == null ? clusters() : number * PAGE_SIZE;
    }

    private int[] page(long cluster) {
        long number = cluster / PAGE_SIZE;
        if (number != lastPageNumber) {
            lastPage = pages.get(number);
            lastPageNumber = number;
        }
        return lastPage;
    }

    private int[] pageToCount(long cluster) throws IOException {
        int[] page = page(cluster);
        if (page == null) {
            if (pages.size() >= maxPages) {
                throw new IOException("the file is too large to be checked in the memory that Java has");
            }
            page = new int[PAGE_SIZE];
            pages.put(lastPageNumber, page);
            lastPage = page;
        }
        return page;
    }

    List<String> messages() {
        return messages;
    }

    long structuralErrors() {
        return structural;
    }

    long allocated() {
        return allocated;
    }

    long fragmented() {
        return fragmented;
    }

    long compressed() {
        return compressed;
    }

    void message(String text) {
        if (messages.size() < MAX_MESSAGES) {
            messages.add(text);
        }
    }

    /** Counts all references that there are. */
    void countAll(Refcounts refcounts) throws IOException {
        add("header", 0, header.clusterSize());
        countL1(header.l1Offset(), header.l1Size(), true);
        if (header.snapshotCount() > 0) {
            SnapshotTable table = new SnapshotTable(file, header);
            List<InternalSnapshot> snapshots = table.read();
            add("snapshot table", header.snapshotsOffset(), table.length());
            for (InternalSnapshot snapshot : snapshots) {
                countL1(snapshot.l1Offset(), snapshot.l1Size(), false);
            }
        }
        refcounts.forEachCluster((what, offset, length) -> {
            if (aligned(what, offset)) {
                add(what, offset, length);
            }
        });
    }

    private boolean add(String what, long offset, long length) throws IOException {
        if (length == 0) {
            return true;
        }
        if (offset < 0 || offset + length - fileSize >= header.clusterSize()) {
            error("ERROR: " + what + " at 0x" + Long.toHexString(offset) + " lies past the end of the file");
            return false;
        }
        long last = offset + length - 1 >> header.clusterBits();
        for (long cluster = offset >> header.clusterBits(); cluster <= last && cluster < clusters(); cluster++) {
            pageToCount(cluster)[(int) cluster & PAGE_SIZE - 1]++;
        }
        return true;
    }

    private boolean aligned(String what, long offset) {
        if ((offset & header.clusterSize() - 1) != 0) {
            error("ERROR: " + what + " at 0x" + Long.toHexString(offset) + " does not begin at a cluster");
            return false;
        }
        return true;
    }

    private void error(String text) {
        structural++;
        message(text);
    }

    private void countL1(long offset, int size, boolean active) throws IOException {
        if (!add("L1 table", offset, 8L * size)) {
            return;
        }
        MemorySegment table = Bytes.allocate(header.clusterSize());
        for (long entry : ClusterMap.readL1(file, offset, size)) {
            long l2 = L2Entry.offset(entry);
            if (l2 != 0 && aligned("L2 table", l2) && add("L2 table", l2, header.clusterSize())) {
                table.fill((byte) 0);
                file.read(l2, table);
                for (int i = 0; i < header.l2Entries(); i++) {
                    countEntry(Bytes.getLong(table, 8L * i), active);
                }
            }
        }
    }

    private void countEntry(long entry, boolean active) throws IOException {
        if (L2Entry.isCompressed(entry)) {
            if (L2Entry.isCopied(entry)) {
                error("ERROR: a compressed cluster is marked as copied");
            }
            add("compressed cluster", L2Entry.compressedOffset(entry, header.clusterBits()),
                    L2Entry.compressedLength(entry, header.clusterBits()));
            if (active) {
                allocated++;
                compressed++;
                fragmented++;
            }
        } else if (L2Entry.offset(entry) != 0) {
            long offset = L2Entry.offset(entry);
            if (aligned("data cluster", offset)) {
                add("data cluster", offset, header.clusterSize());
            }
            if (active) {
                allocated++;
                fragmented += nextContiguous != 0 && offset != nextContiguous ? 1 : 0;
                nextContiguous = offset + header.clusterSize();
            }
        }
    }
}
