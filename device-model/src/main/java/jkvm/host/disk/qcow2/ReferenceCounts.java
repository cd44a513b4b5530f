package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A count for each cluster of a file. They are kept in pages, and only those that are not zero: a file may be huge and
 * sparse.
 */
final class ReferenceCounts {
    /** Clusters of a page. */
    static final int PAGE_SIZE = 4096;

    private final NavigableMap<Long, int[]> pages = new TreeMap<>();
    /** As many as fit into half of Java's memory. */
    private final long maxPages = Runtime.getRuntime().maxMemory() / 2 / (PAGE_SIZE * Integer.BYTES);
    private long lastNumber = -1;
    private int[] last;
    private long end;

    int get(long cluster) {
        int[] page = page(cluster);
        return page == null ? 0 : page[(int) cluster & PAGE_SIZE - 1];
    }

    /** One past the last cluster that was counted. */
    long end() {
        return end;
    }

    /** The start of the next page with a count, {@code cluster}'s or a later one; {@code none} if there is none. */
    long nextPage(long cluster, long none) {
        Long number = pages.ceilingKey(cluster / PAGE_SIZE);
        return number == null ? none : number * PAGE_SIZE;
    }

    void add(long cluster, int value) throws IOException {
        pageToCount(cluster)[(int) cluster & PAGE_SIZE - 1] += value;
        end = Math.max(end, cluster + 1);
    }

    private int[] page(long cluster) {
        long number = cluster / PAGE_SIZE;
        if (number != lastNumber) {
            last = pages.get(number);
            lastNumber = number;
        }
        return last;
    }

    private int[] pageToCount(long cluster) throws IOException {
        int[] page = page(cluster);
        if (page == null) {
            if (pages.size() >= maxPages) {
                throw new IOException("the file is too large to be checked in the memory that Java has");
            }
            page = new int[PAGE_SIZE];
            pages.put(lastNumber, page);
            last = page;
        }
        return page;
    }
}
