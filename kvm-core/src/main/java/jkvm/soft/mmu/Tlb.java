package jkvm.soft.mmu;

import java.util.Arrays;

/**
 * The software TLB: results of page walks, direct-mapped by linear page, with entries of its own for each context (see
 * {@link Mmu#context}). {@link Mmu} reads the arrays of data pages itself, on the hot path; filling and flushing happen
 * here. Must be flushed before its first use. Belongs to its vCPU's thread.
 */
final class Tlb {
    static final long NO_TAG = 1;
    private static final int FILTER_BITS = 15;

    /** Data pages: the linear page that may be read, the one that may be written, host minus linear address. */
    final long[] readTag = new long[4 * Mmu.ENTRIES];
    final long[] writeTag = new long[4 * Mmu.ENTRIES];
    final long[] addend = new long[4 * Mmu.ENTRIES];
    /** Pages to fetch from, supervisor's and user's: the linear page and its host address. */
    private final long[] fetchTag = new long[2 * Mmu.ENTRIES];
    private final long[] fetchHost = new long[2 * Mmu.ENTRIES];
    /** A bit for each host page, by its lowest {@link #FILTER_BITS} of address, that any entry may make writable. */
    private final long[] mayWrite = new long[1 << FILTER_BITS - 6];
    /** Entries of pages that are not global, filled since they were last flushed: fetch entries are inverted. */
    private final int[] notGlobal = new int[1024];
    private int notGlobalCount;
    /** All entries that are parts of large pages lie in this region: base and mask of an aligned power of two. */
    private long largeBase, largeMask;
    /** An entry may be in: a flush after another one costs nothing. */
    private boolean isUsed = true;

    void flushAll() {
        if (!isUsed) {
            return;
        }
        isUsed = false;
        Arrays.fill(readTag, NO_TAG);
        Arrays.fill(writeTag, NO_TAG);
        Arrays.fill(fetchTag, NO_TAG);
        Arrays.fill(mayWrite, 0);
        notGlobalCount = 0;
        largeBase = -1;
        largeMask = -1;
    }

    void flushNonGlobal() {
        if (notGlobalCount > notGlobal.length) {
            flushAll();
            return;
        }
        for (int i = 0; i < notGlobalCount; i++) {
            int entry = notGlobal[i];
            if (entry < 0) {
                fetchTag[~entry] = NO_TAG;
            } else {
                readTag[entry] = NO_TAG;
                writeTag[entry] = NO_TAG;
            }
        }
        notGlobalCount = 0;
    }

    /**
     * Flushes one 4 KiB page in all contexts.
     *
     * @return false, and nothing flushed, if the page may be part of a large one: then the TLB must be flushed
     */
    boolean flushPage(long linear) {
        if ((linear & largeMask) == largeBase) {
            return false;
        }
        int i = (int) (linear >>> 12) & Mmu.ENTRIES - 1;
        long page = linear & Mmu.PAGE_MASK;
        for (int entry = i; entry < readTag.length; entry += Mmu.ENTRIES) {
            if (readTag[entry] == page) {
                readTag[entry] = NO_TAG;
                writeTag[entry] = NO_TAG;
            }
            if (entry < fetchTag.length && fetchTag[entry] == page) {
                fetchTag[entry] = NO_TAG;
            }
        }
        return true;
    }

    /** Makes no linear address of this host page writable. */
    void protect(long hostPage) {
        if ((mayWrite[filterIndex(hostPage)] & 1L << (hostPage >>> 12)) == 0) {
            // Most code is never written: all entries need not be looked at.
            return;
        }
        for (int i = 0; i < writeTag.length; i++) {
            if (writeTag[i] != NO_TAG && writeTag[i] + addend[i] == hostPage) {
                writeTag[i] = NO_TAG;
            }
        }
    }

    private static int filterIndex(long hostPage) {
        return (int) (hostPage >>> 18) & (1 << FILTER_BITS - 6) - 1;
    }

    /** Enters the data page that {@code walker} has just found. */
    void fill(long linear, int context, long hostPage, boolean writable, PageWalker walker) {
        int i = (int) (linear >>> 12) & Mmu.ENTRIES - 1 | context;
        long page = linear & Mmu.PAGE_MASK;
        readTag[i] = page;
        writeTag[i] = writable ? page : NO_TAG;
        addend[i] = hostPage - page;
        if (writable) {
            mayWrite[filterIndex(hostPage)] |= 1L << (hostPage >>> 12);
        }
        remember(i, linear, walker);
    }

    /** The host address of the page to fetch from, or 0 if the TLB does not hold it. */
    long fetchPage(long linear, boolean user) {
        int i = fetchIndex(linear, user);
        return fetchTag[i] == (linear & Mmu.PAGE_MASK) ? fetchHost[i] : 0;
    }

    /** Enters the page to fetch from that {@code walker} has just found. */
    void fillFetch(long linear, boolean user, long hostPage, PageWalker walker) {
        int i = fetchIndex(linear, user);
        fetchTag[i] = linear & Mmu.PAGE_MASK;
        fetchHost[i] = hostPage;
        remember(~i, linear, walker);
    }

    private static int fetchIndex(long linear, boolean user) {
        return (int) (linear >>> 12) & Mmu.ENTRIES - 1 | (user ? Mmu.ENTRIES : 0);
    }

    private void remember(int entry, long linear, PageWalker walker) {
        isUsed = true;
        if (!walker.global) {
            if (notGlobalCount < notGlobal.length) {
                notGlobal[notGlobalCount] = entry;
            }
            notGlobalCount = Math.min(notGlobalCount + 1, notGlobal.length + 1);
        }
        if (walker.pageShift != 12) {
            long mask = -1L << walker.pageShift;
            if (largeBase == -1) {
                largeMask = mask;
            } else {
                largeMask &= mask;
                while ((largeBase & largeMask) != (linear & largeMask)) {
                    largeMask <<= 1;
                }
            }
            largeBase = linear & largeMask;
        }
    }
}
