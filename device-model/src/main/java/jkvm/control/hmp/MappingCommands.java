package jkvm.control.hmp;

import jkvm.abi.KvmSregs;
import jkvm.memory.GuestMemory;

/** The commands that show all mappings of the current page tables. They read tables and change nothing. */
final class MappingCommands {
    private static final String NO_PAGING = "PG disabled\n";
    /** A guest's tables may lead round in circles. */
    private static final int MAX_ENTRIES = 1 << 22, MAX_LINES = 1 << 16;
    private static final String CUT = "(the rest is left out)\n";

    private static final long CR0_PG_BIT = 1L << 31;
    private static final long CR4_PSE_BIT = 1 << 4;
    private static final long CR4_PAE_BIT = 1 << 5;
    private static final long CR4_LA57_BIT = 1 << 12;
    private static final long EFER_LMA_BIT = 1 << 10;

    private static final long PRESENT_BIT = 1;
    private static final long WRITABLE_BIT = 1 << 1;
    private static final long USER_BIT = 1 << 2;
    private static final long LARGE_BIT = 1 << 7;
    private static final long RIGHTS = PRESENT_BIT | WRITABLE_BIT | USER_BIT;
    /** The letters of an entry's bits, from the highest on. */
    private static final String LETTERS = "XGPDACTUW";
    private static final int[] LETTER_BITS = {63, 8, 7, 6, 5, 4, 3, 2, 1};
    private static final long ADDRESS_MASK = 0x000F_FFFF_FFFF_F000L;
    private static final int PAGE_SHIFT = 12;

    private final MonitorSession session;

    MappingCommands(MonitorSession session) {
        this.session = session;
    }

    void addTo(CommandTable table) {
        table.add(MonitorCommand.of("mem", "", "show the active virtual memory mappings",
                _ -> session.standing(this::ranges)));
        table.add(MonitorCommand.of("tlb", "", "show virtual to physical memory mappings",
                _ -> session.standing(this::pages)));
    }

    private String ranges() {
        Walk walk = new Walk(session.debug().memory(), session.vcpu().sregs());
        return walk.isPaging ? walk.ranges() : NO_PAGING;
    }

    private String pages() {
        Walk walk = new Walk(session.debug().memory(), session.vcpu().sregs());
        return walk.isPaging ? walk.pages() : NO_PAGING;
    }

    /** One walk over all tables, in the order of linear addresses. */
    static final class Walk {
        private final GuestMemory memory;
        private final boolean isPaging;
        private final boolean hasLongEntries;
        private final boolean hasLargePages;
        private final int levels;
        private final long top;
        private final StringBuilder text = new StringBuilder();
        private int entries;
        private int lines;
        private boolean showsPages;
        /** Of the range that is being collected: its begin, or -1, and its rights. */
        private long start = -1;
        private long rights;

        Walk(GuestMemory memory, KvmSregs sregs) {
            this.memory = memory;
            isPaging = (sregs.cr0() & CR0_PG_BIT) != 0;
            hasLongEntries = (sregs.cr4() & CR4_PAE_BIT) != 0;
            hasLargePages = hasLongEntries || (sregs.cr4() & CR4_PSE_BIT) != 0;
            levels = !hasLongEntries ? 2 : (sregs.efer() & EFER_LMA_BIT) == 0 ? 3
                    : (sregs.cr4() & CR4_LA57_BIT) != 0 ? 5 : 4;
            top = levels == 3 ? sregs.cr3() & 0xFFFF_FFE0L : sregs.cr3() & ADDRESS_MASK;
        }

        String pages() {
            showsPages = true;
            walk(top, levels - 1, 0, RIGHTS);
            return end();
        }

        String ranges() {
            walk(top, levels - 1, 0, RIGHTS);
            range(1L << addressBits(), 0);
            return end();
        }

        private String end() {
            return isCut() ? text.append(CUT).toString() : text.toString();
        }

        private boolean isCut() {
            return entries > MAX_ENTRIES || lines > MAX_LINES;
        }

        private int addressBits() {
            return hasLongEntries && levels > 3 ? PAGE_SHIFT + 9 * levels : Integer.SIZE;
        }

        private void walk(long table, int level, long linear, long allowed) {
            int indexBits = hasLongEntries ? 9 : 10;
            int shift = PAGE_SHIFT + level * indexBits;
            boolean isPaeTop = levels == 3 && level == 2;
            int count = isPaeTop ? 4 : 1 << indexBits;
            for (int index = 0; index < count && !isCut(); index++) {
                entries++;
                long address = linear + ((long) index << shift);
                long entry = entry(table, index);
                boolean isPresent = (entry & PRESENT_BIT) != 0;
                long all = isPaeTop ? allowed : allowed & entry;
                boolean isLeaf = level == 0 || (entry & LARGE_BIT) != 0 && hasLargePages
                        && (level == 1 || level == 2 && levels > 3);
                if (isPresent && !isLeaf) {
                    walk(entry & ADDRESS_MASK, level - 1, address, all);
                } else if (!showsPages) {
                    range(address, isPresent ? all & RIGHTS : 0);
                } else if (isPresent) {
                    page(address, level == 0 ? entry & ~LARGE_BIT : entry, shift);
                }
            }
        }

        /** An entry of a table; zero, not present, where there is no memory. */
        private long entry(long table, long index) {
            long address = table + index * (hasLongEntries ? Long.BYTES : Integer.BYTES);
            if (!memory.contains(address, Long.BYTES)) {
                return 0;
            }
            return hasLongEntries ? memory.readLong(address) : Integer.toUnsignedLong(memory.readInt(address));
        }

        private void page(long linear, long entry, int shift) {
            lines++;
            text.append("%016x: %016x ".formatted(canonical(linear), entry & ADDRESS_MASK & -1L << shift));
            for (int i = 0; i < LETTER_BITS.length; i++) {
                text.append((entry >>> LETTER_BITS[i] & 1) != 0 ? LETTERS.charAt(i) : '-');
            }
            text.append('\n');
        }

        /** From this address on rights are these. */
        private void range(long linear, long now) {
            if (now == rights) {
                return;
            }
            if (start != -1) {
                lines++;
                text.append("%016x-%016x %016x %cr%c\n".formatted(canonical(start), canonical(linear),
                        canonical(linear - start), (rights & USER_BIT) != 0 ? 'u' : '-',
                        (rights & WRITABLE_BIT) != 0 ? 'w' : '-'));
            }
            start = now == 0 ? -1 : linear;
            rights = now;
        }

        private long canonical(long linear) {
            int unused = Long.SIZE - addressBits();
            return levels > 3 ? linear << unused >> unused : linear;
        }
    }
}
