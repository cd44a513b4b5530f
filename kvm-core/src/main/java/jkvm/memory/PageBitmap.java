package jkvm.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * A set of the pages of a guest's memory. Pages have {@value #PAGE} bytes and are numbered through all regions,
 * ascending, without the holes between them. Any thread may call; each change of up to 64 pages is one atomic step.
 *
 * {@snippet :
 * PageBitmap pages = new PageBitmap(memory);
 * pages.add(0x1FFF, 2);                                  // two bytes on two pages
 * for (long page = pages.next(0); page >= 0; page = pages.next(page + 1)) {
 *     System.out.println(Long.toHexString(pages.address(page)));      // 1000, 2000
 * }
 * }
 */
public final class PageBitmap {
    /** Bytes of a page. */
    public static final int PAGE = 4096;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int PAGE_SHIFT = 12;

    /** Of each region: its addresses, and the number of its first page. */
    private final long[] starts, ends, firstPages;
    private final long pages;
    private final long[] words;

    /** An empty set of the pages of {@code memory}. */
    public PageBitmap(GuestMemory memory) {
        List<MemoryRegion> regions = memory.regions();
        starts = new long[regions.size()];
        ends = new long[regions.size()];
        firstPages = new long[regions.size()];
        long count = 0;
        for (int i = 0; i < starts.length; i++) {
            starts[i] = regions.get(i).start();
            ends[i] = regions.get(i).end();
            firstPages[i] = count;
            count += Math.ceilDiv(regions.get(i).size(), PAGE);
        }
        pages = count;
        words = new long[(int) Math.ceilDiv(count, Long.SIZE)];
    }

    /** How many pages the memory has. */
    public long pages() {
        return pages;
    }

    /**
     * The number of the page that an address is on.
     *
     * @throws GuestAddressException if there is no memory
     */
    public long page(long gpa) {
        int region = region(gpa, 1);
        return firstPages[region] + (gpa - starts[region] >>> PAGE_SHIFT);
    }

    private int region(long gpa, long length) {
        for (int i = 0; i < starts.length; i++) {
            if (gpa >= starts[i] && gpa < ends[i]) {
                return i;
            }
        }
        throw new GuestAddressException(gpa, length);
    }

    /** The guest physical address of a page. */
    public long address(long page) {
        int region = starts.length - 1;
        while (firstPages[region] > page) {
            region--;
        }
        return starts[region] + (page - firstPages[region] << PAGE_SHIFT);
    }

    /** True if the set has the page of this number. */
    public boolean contains(long page) {
        return ((long) WORD.getAcquire(words, (int) (page >>> 6)) & 1L << page) != 0;
    }

    /** Adds the pages that a range of one region lies on; none for an empty range. */
    public void add(long gpa, long length) {
        if (length > 0) {
            long first = page(gpa);
            addPages(first, first + ((gpa & PAGE - 1) + length - 1 >>> PAGE_SHIFT) + 1);
        }
    }

    /** Adds all pages. */
    public void addAll() {
        addPages(0, pages);
    }

    /** Adds the pages of another set of the same memory. */
    public void addAll(PageBitmap other) {
        for (int i = 0; i < words.length; i++) {
            long more = (long) WORD.getAcquire(other.words, i);
            if (more != 0) {
                WORD.getAndBitwiseOr(words, i, more);
            }
        }
    }

    private void addPages(long first, long end) {
        long page = first;
        while (page < end) {
            long next = Math.min(end, (page | Long.SIZE - 1) + 1);
            long bits = -1L >>> Long.SIZE - (next - page) << page;
            // Always a locked operation: a plain look at the word might come before the write that is being noted.
            WORD.getAndBitwiseOr(words, (int) (page >>> 6), bits);
            page = next;
        }
    }

    /**
     * Adds the pages that have a bit set, as KVM's log gives them.
     *
     * @param first  page of the bitmap's first bit
     * @param bitmap a multiple of 8 bytes, without a bit set past the last page
     */
    public void addBits(long first, MemorySegment bitmap) {
        int to = (int) (first >>> 6);
        int shift = (int) (first & Long.SIZE - 1);
        for (long at = 0; at < bitmap.byteSize(); at += Long.BYTES, to++) {
            long bits = bitmap.get(ValueLayout.JAVA_LONG, at);
            if (bits != 0) {
                WORD.getAndBitwiseOr(words, to, bits << shift);
                if (shift != 0 && bits >>> Long.SIZE - shift != 0) {
                    WORD.getAndBitwiseOr(words, to + 1, bits >>> Long.SIZE - shift);
                }
            }
        }
    }

    /** The pages as bits, which {@link #addBits} takes. */
    public long[] toBits() {
        long[] bits = new long[words.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = (long) WORD.getAcquire(words, i);
        }
        return bits;
    }

    /** Removes a page. */
    public void remove(long page) {
        WORD.getAndBitwiseAnd(words, (int) (page >>> 6), ~(1L << page));
    }

    /** Removes all pages. */
    public void clear() {
        for (int i = 0; i < words.length; i++) {
            WORD.setRelease(words, i, 0L);
        }
    }

    /** Moves all pages to another set of the same memory: none is lost that is added meanwhile. */
    public void moveTo(PageBitmap target) {
        for (int i = 0; i < words.length; i++) {
            if ((long) WORD.getOpaque(words, i) != 0) {
                long moved = (long) WORD.getAndSet(words, i, 0L);
                WORD.getAndBitwiseOr(target.words, i, moved);
            }
        }
    }

    /** The first page of the set from a number on, or -1. */
    public long next(long from) {
        int index = (int) (from >>> 6);
        if (index >= words.length) {
            return -1;
        }
        long word = (long) WORD.getAcquire(words, index) & -1L << from;
        while (word == 0) {
            if (++index == words.length) {
                return -1;
            }
            word = (long) WORD.getAcquire(words, index);
        }
        return (long) index << 6 | Long.numberOfTrailingZeros(word);
    }

    /** How many pages the set has. */
    public long count() {
        long count = 0;
        for (int i = 0; i < words.length; i++) {
            count += Long.bitCount((long) WORD.getAcquire(words, i));
        }
        return count;
    }
}
