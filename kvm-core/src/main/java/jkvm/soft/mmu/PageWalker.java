package jkvm.soft.mmu;

import jkvm.soft.observe.SoftObserver;

/**
 * The page walk: from a linear address through the guest's page tables to a physical one (SDM vol. 3, 4.3 to 4.6; APM
 * vol. 2, chapter 5). One loop serves all formats, since they differ in few numbers:
 *
 * <table>
 * <caption>Formats</caption>
 * <tr><th>mode</th><th>entry</th><th>index bits</th><th>address bits of each level's index begin at</th></tr>
 * <tr><td>32-bit</td><td>4 bytes</td><td>10</td><td>22, 12</td></tr>
 * <tr><td>PAE</td><td>8 bytes</td><td>9</td><td>30 (four entries, read at CR3 load), 21, 12</td></tr>
 * <tr><td>4-level</td><td>8 bytes</td><td>9</td><td>39, 30, 21, 12</td></tr>
 * <tr><td>5-level</td><td>8 bytes</td><td>9</td><td>48, 39, 30, 21, 12</td></tr>
 * </table>
 *
 * <p>The tables are guest memory and may hold anything: a walk has at most five steps, whatever they hold. Tables that
 * lie in no memory slot end the walk with {@link Interruption#PAGE_TABLE}; in ROM they are read, and their accessed and
 * dirty bits stay.
 */
final class PageWalker {
    /** Answer of {@link #walk}: the translation is in {@link #page} and the fields beside it. */
    static final int OK = -1;
    /** Kinds of access, and the page-fault error code's bits (SDM vol. 3, 4.7). */
    static final int READ = 0, PRESENT = 1, WRITE = 2, USER = 4, RESERVED = 8, FETCH = 16;
    private static final int MAX_RETRIES = 16;
    /** Bits of an entry. */
    private static final long P = 1, RW = 2, US = 4, ACCESSED = 0x20, DIRTY = 0x40, LARGE = 0x80, GLOBAL = 0x100,
            NO_EXECUTE = 1L << 63, ADDRESS = 0x000F_FFFF_FFFF_F000L;
    private static final long CR0_WP = 1 << 16, CR0_PG = 1L << 31, CR4_PSE = 16, CR4_PAE = 32, CR4_PGE = 128,
            CR4_LA57 = 1 << 12, CR4_SMEP = 1 << 20, CR4_SMAP = 1 << 21, EFER_LMA = 1 << 10, EFER_NXE = 1 << 11;

    private final PhysicalBus bus;
    private boolean paging, longMode, pae, largePages, globalPages, writeProtect, noExecute, smep, smap;
    private long root;
    private int topShift;
    private long reservedAlways;
    /** PAE's four page-directory-pointer entries: the processor reads them at CR3 load only. */
    private final long[] pdptes = new long[4];
    private boolean pdptesLoaded;
    private int physicalBits = 40;

    /** Tables that are known: a walk begins at the lowest of them. */
    private final PagingStructureCache tables = new PagingStructureCache();
    /** The walk's steps: where each entry stands on the host, its value, and whether its table is writable. */
    private final long[] entryHost = new long[5], entries = new long[5];
    /** The rights that the entries above left to each step, and the shift of its index. */
    private final long[] rightsAbove = new long[5];
    private final int[] shifts = new int[5];
    private final boolean[] entryWritable = new boolean[5];

    /** Physical address of the 4 KiB page. */
    long page;
    /** Log2 of the page's size as the tables have it: 12, 21, 22 or 30. */
    int pageShift;
    /** Writes at the walk's privilege need no further walk: allowed, and the dirty bit is set. */
    boolean writable;
    boolean global;
    /** Null for no observer. */
    SoftObserver observer;
    /** Entries that the last walk read from memory. */
    private int levels;

    PageWalker(PhysicalBus bus) {
        this.bus = bus;
    }

    void physicalBits(int bits) {
        physicalBits = bits;
    }

    /** Takes the control registers over; PAE's pointer entries are read at the next walk. */
    void configure(long cr0, long cr3, long cr4, long efer) {
        paging = (cr0 & CR0_PG) != 0;
        writeProtect = (cr0 & CR0_WP) != 0;
        pae = (cr4 & CR4_PAE) != 0;
        longMode = (efer & EFER_LMA) != 0;
        largePages = (cr4 & CR4_PSE) != 0;
        globalPages = (cr4 & CR4_PGE) != 0;
        noExecute = pae && (efer & EFER_NXE) != 0;
        smep = (cr4 & CR4_SMEP) != 0;
        smap = (cr4 & CR4_SMAP) != 0;
        topShift = !pae ? 22 : !longMode ? 30 : (cr4 & CR4_LA57) != 0 ? 48 : 39;
        long tooHigh = ADDRESS & -1L << physicalBits;
        if (pae) {
            reservedAlways = tooHigh | (longMode ? 0 : 0x7FF0_0000_0000_0000L) | (noExecute ? 0 : NO_EXECUTE);
        } else {
            reservedAlways = 0;
        }
        changeRoot(cr3);
    }

    void changeRoot(long cr3) {
        root = longMode ? cr3 & ADDRESS : pae ? cr3 & 0xFFFF_FFE0L : cr3 & 0xFFFF_F000L;
        pdptesLoaded = false;
        tables.flush();
    }

    /** Forgets where tables are: after each flush of the TLB, of a single page too. */
    void flushTables() {
        tables.flush();
    }

    boolean isPae() {
        return paging && pae && !longMode;
    }

    boolean isLongMode() {
        return longMode;
    }

    boolean isFiveLevel() {
        return topShift == 48;
    }

    /**
     * Reads PAE's four pointer entries at {@code cr3}.
     *
     * @return false, and nothing changed, if a present one has a reserved bit set: #GP for the load of CR3
     */
    boolean loadPdptes(long cr3) {
        long table = cr3 & 0xFFFF_FFE0L;
        long host = tableHost(table) + (table & 0xFFF);
        long reserved = 0x1E6 | (ADDRESS | 0x7FF0_0000_0000_0000L | NO_EXECUTE) & -1L << physicalBits;
        for (int i = 0; i < 4; i++) {
            long entry = HostMemory.load(host + 8L * i, 8);
            if ((entry & P) != 0 && (entry & reserved) != 0) {
                return false;
            }
        }
        readPdptes(host);
        return true;
    }

    private void readPdptes(long host) {
        for (int i = 0; i < 4; i++) {
            pdptes[i] = HostMemory.load(host + 8L * i, 8);
        }
        pdptesLoaded = true;
        tables.flush();
    }

    long pdpte(int i) {
        return pdptes[i];
    }

    void pdpte(int i, long value) {
        pdptes[i] = value;
        pdptesLoaded = true;
        tables.flush();
    }

    /**
     * Translates. Sets the accessed bits of the entries it used, and the dirty bit for a write, if the access is
     * allowed.
     *
     * @param linear   canonical, or below 4 GiB outside long mode
     * @param access   {@link #READ}, {@link #WRITE} or {@link #FETCH}
     * @param user     the access is made with user privilege
     * @param overUser a supervisor access may touch user pages in spite of SMAP
     * @return {@link #OK}, or the error code of the page fault
     */
    int walk(long linear, int access, boolean user, boolean overUser) {
        if (!paging) {
            page = linear & 0xFFFF_F000L;
            pageShift = 12;
            writable = true;
            global = false;
            return OK;
        }
        int result = walkTables(linear, access, user, overUser);
        if (observer != null) {
            tell(linear, access, result);
        }
        return result;
    }

    private void tell(long linear, int access, int result) {
        if (result == OK) {
            observer.pageWalked(linear, kind(access), levels, page | linear & ~Mmu.PAGE_MASK);
        } else {
            observer.pageFaulted(linear, kind(access), result);
        }
    }

    static SoftObserver.Access kind(int access) {
        return access == WRITE ? SoftObserver.Access.WRITE
                : access == FETCH ? SoftObserver.Access.FETCH : SoftObserver.Access.READ;
    }

    private int walkTables(long linear, int access, boolean user, boolean overUser) {
        // An observer sees each walk from the root.
        boolean fromCache = pae && observer == null;
        for (int attempt = 0; ; attempt++) {
            int depth = descend(linear, fromCache);
            boolean present = depth >= 0;
            if (!present || !isAllowed(access, user, overUser)) {
                if (fromCache) {
                    // As on the processor a fault is judged by what the tables say now (SDM vol. 3, 4.10.4.1).
                    fromCache = false;
                    continue;
                }
                return error(access, user, present ? PRESENT : ~depth);
            }
            levels = depth + 1;
            // Another processor may change a table while we walk: then its entry is read again.
            if (mark(depth, access == WRITE) || attempt >= MAX_RETRIES) {
                boolean mayWrite = (rights & RW) != 0 || !user && !writeProtect;
                writable = mayWrite && (entries[depth] & DIRTY) != 0;
                if (pae) {
                    rememberTables(linear, depth);
                }
                return OK;
            }
            fromCache = false;
        }
    }

    private void rememberTables(long linear, int depth) {
        for (int i = depth; i >= 0 && PagingStructureCache.keeps(shifts[i]); i--) {
            tables.put(linear, shifts[i], entryHost[i] & Mmu.PAGE_MASK, entryWritable[i], rightsAbove[i]);
        }
    }

    /** The entries' common rights: RW and US are set where all levels have them, NO_EXECUTE where one has it. */
    private long rights;

    /**
     * Reads one entry of each level, of those below a table that is known if {@code fromCache}.
     *
     * @return the index of the last entry; or, inverted, the error code's bits {@link #PRESENT} and {@link #RESERVED}
     */
    private int descend(long linear, boolean fromCache) {
        if (fromCache) {
            for (int shift = PagingStructureCache.LOWEST; PagingStructureCache.keeps(shift); shift += 9) {
                if (tables.find(linear, shift)) {
                    rights = tables.rights;
                    entryWritable[0] = tables.writable;
                    return descend(linear, shift, 0, tables.host | (linear >>> shift & 511) << 3);
                }
            }
        }
        long table = root;
        int shift = topShift;
        rights = RW | US;
        if (shift == 30) {
            long entry = pdpteOf(linear);
            if ((entry & P) == 0) {
                return ~0;
            }
            table = entry & ADDRESS;
            shift = 21;
        }
        return descend(linear, shift, table, 0);
    }

    /** @param host of the first entry where it is known, or 0: then {@code table} is its table's physical address */
    private int descend(long linear, int firstShift, long firstTable, long host) {
        long table = firstTable;
        int shift = firstShift;
        int indexBits = pae ? 9 : 10;
        for (int depth = 0; ; depth++) {
            long index = linear >>> shift & (1L << indexBits) - 1;
            long entry = depth == 0 && host != 0 ? readEntryAt(0, host)
                    : readEntry(depth, table + index * (pae ? 8 : 4));
            if ((entry & P) == 0) {
                return ~0;
            }
            boolean last = shift == 12 || (entry & LARGE) != 0 && (pae ? shift <= 30 : largePages);
            if ((entry & reservedBits(shift, last)) != 0) {
                return ~(PRESENT | RESERVED);
            }
            shifts[depth] = shift;
            rightsAbove[depth] = rights;
            rights = rights & entry | (rights | entry) & NO_EXECUTE;
            if (last) {
                finish(linear, entry, shift);
                return depth;
            }
            table = entry & ADDRESS;
            shift -= indexBits;
        }
    }

    private void finish(long linear, long entry, int shift) {
        long base = entry & ADDRESS & -1L << shift;
        if (shift == 22) {
            base = entry & 0xFFC0_0000L | (entry >>> 13 & 0xFF) << 32;
        }
        page = base | linear & (1L << shift) - 1 & Mmu.PAGE_MASK;
        pageShift = shift;
        global = globalPages && (entry & GLOBAL) != 0;
    }

    private long reservedBits(int shift, boolean last) {
        if (!pae) {
            return last && shift == 22 ? 1L << 21 : 0;
        }
        if (shift == 12) {
            return reservedAlways;
        }
        if (last) {
            // Below the address of a large page, but for bit 12, the page's PAT bit.
            return reservedAlways | (1L << shift) - 1 & ~0x1FFFL;
        }
        // AMD reserves the G bit above page directories, and all reserve PS where no large page can be.
        return reservedAlways | (shift >= 30 ? GLOBAL : 0) | (shift >= 39 ? LARGE : 0);
    }

    private boolean isAllowed(int access, boolean user, boolean overUser) {
        boolean userPage = (rights & US) != 0;
        if (access == FETCH && (rights & NO_EXECUTE) != 0) {
            return false;
        }
        if (user) {
            return userPage && (access != WRITE || (rights & RW) != 0);
        }
        if (userPage && (access == FETCH ? smep : smap && !overUser)) {
            return false;
        }
        return access != WRITE || (rights & RW) != 0 || !writeProtect;
    }

    private int error(int access, boolean user, int cause) {
        int kind = access == FETCH && !noExecute && !smep ? 0 : access;
        return cause | kind | (user ? USER : 0);
    }

    private long pdpteOf(long linear) {
        if (!pdptesLoaded) {
            readPdptes(tableHost(root) + (root & 0xFFF));
        }
        return pdptes[(int) (linear >>> 30) & 3];
    }

    private long readEntry(int depth, long address) {
        long host = bus.writablePage(address & Mmu.PAGE_MASK);
        entryWritable[depth] = host != 0;
        if (host == 0) {
            host = tableHost(address);
        }
        return readEntryAt(depth, host + (address & 0xFFF));
    }

    private long readEntryAt(int depth, long host) {
        entryHost[depth] = host;
        long entry = HostMemory.load(host, pae ? 8 : 4);
        entries[depth] = entry;
        return entry;
    }

    private long tableHost(long address) {
        long host = bus.readablePage(address & Mmu.PAGE_MASK);
        if (host == 0) {
            throw Interruption.PAGE_TABLE;
        }
        return host;
    }

    /**
     * Sets accessed and dirty bits.
     *
     * @return false if an entry changed meanwhile
     */
    private boolean mark(int depth, boolean write) {
        for (int i = 0; i <= depth; i++) {
            long entry = entries[i];
            long marked = entry | ACCESSED | (write && i == depth ? DIRTY : 0);
            if (marked != entry && entryWritable[i]) {
                if (HostMemory.compareAndExchange(entryHost[i], pae ? 8 : 4, entry, marked) != entry) {
                    return false;
                }
            }
            entries[i] = marked;
        }
        return true;
    }
}
