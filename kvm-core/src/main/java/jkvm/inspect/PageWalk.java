package jkvm.inspect;

import jkvm.abi.KvmSregs;
import jkvm.memory.GuestMemory;

/**
 * Translates a guest's linear addresses by reading its page tables, as the processor would (Intel SDM volume 3, chapter
 * 4). It looks at presence only, not at rights, and changes nothing; unlike KVM_TRANSLATE it works on a vCPU that
 * failed.
 */
final class PageWalk {
    /** There is no translation. */
    static final long ABSENT = -1;

    private static final long CR0_PG_BIT = 1L << 31;
    private static final long CR4_PSE_BIT = 1 << 4;
    private static final long CR4_PAE_BIT = 1 << 5;
    private static final long CR4_LA57_BIT = 1 << 12;
    private static final long EFER_LMA_BIT = 1 << 10;
    private static final long PRESENT_BIT = 1;
    private static final long LARGE_PAGE_BIT = 1 << 7;
    private static final long ADDRESS_MASK = 0x000F_FFFF_FFFF_F000L;
    private static final int PAGE_SHIFT = 12;

    private final GuestMemory memory;
    private final long cr3;
    private final boolean isPaging;
    private final boolean hasLongEntries;
    private final boolean hasLargePages;
    private final int levels;

    PageWalk(GuestMemory memory, KvmSregs sregs) {
        this.memory = memory;
        this.cr3 = sregs.cr3();
        this.isPaging = (sregs.cr0() & CR0_PG_BIT) != 0;
        this.hasLongEntries = (sregs.cr4() & CR4_PAE_BIT) != 0;
        this.hasLargePages = hasLongEntries || (sregs.cr4() & CR4_PSE_BIT) != 0;
        if (!hasLongEntries) {
            levels = 2;
        } else if ((sregs.efer() & EFER_LMA_BIT) == 0) {
            levels = 3;
        } else {
            levels = (sregs.cr4() & CR4_LA57_BIT) != 0 ? 5 : 4;
        }
    }

    /** The guest physical address, or {@link #ABSENT}. */
    long translate(long linear) {
        if (!isPaging) {
            return linear;
        }
        int indexBits = hasLongEntries ? 9 : 10;
        // The top table of PAE paging has four entries and is aligned to 32 bytes only.
        long table = levels == 3 ? cr3 & 0xFFFF_FFE0L : cr3 & ADDRESS_MASK;
        for (int level = levels - 1; level >= 0; level--) {
            int shift = PAGE_SHIFT + level * indexBits;
            int bits = levels == 3 && level == 2 ? 2 : indexBits;
            long entry = entry(table, linear >>> shift & (1 << bits) - 1);
            if ((entry & PRESENT_BIT) == 0) {
                return ABSENT;
            }
            boolean mayBeLarge = hasLargePages && (level == 1 || level == 2 && levels > 3);
            if (level == 0 || mayBeLarge && (entry & LARGE_PAGE_BIT) != 0) {
                long pageMask = (1L << shift) - 1;
                return entry & ADDRESS_MASK & ~pageMask | linear & pageMask;
            }
            table = entry & ADDRESS_MASK;
        }
        return ABSENT;
    }

    /** An entry of a table; zero, not present, where there is no memory. */
    private long entry(long table, long index) {
        long address = table + index * (hasLongEntries ? Long.BYTES : Integer.BYTES);
        if (!memory.contains(address, Long.BYTES)) {
            return 0;
        }
        return hasLongEntries ? memory.readLong(address) : Integer.toUnsignedLong(memory.readInt(address));
    }
}
