package jkvm.boot;

/** Where loaders put what the first vCPU starts with, in guest physical addresses below 640 KiB. */
final class BootLayout {
    static final long GDT = 0x500;
    static final long MULTIBOOT_INFO = 0x4000;
    static final long MULTIBOOT_INFO_END = 0x6000;
    static final long PVH_START_INFO = 0x6000;
    static final long PVH_START_INFO_END = 0x7000;
    static final long ZERO_PAGE = 0x7000;
    static final long STACK_TOP = 0x8FF0;
    /** PML4, then one page directory pointer table, then four page directories. */
    static final long PAGE_TABLES = 0x9000;
    static final long PAGE_TABLES_END = 0xF000;
    static final long STRINGS = 0x20000;
    static final long STRINGS_END = 0x30000;
    static final long HIGH_MEMORY = 0x100000;
    static final long PAGE = 4096;
    static final long FOUR_GIB = 1L << 32;

    private BootLayout() {
    }

    /** Rounds up to a page. */
    static long pageUp(long address) {
        return (address + PAGE - 1) & -PAGE;
    }
}
