package jkvm.device.ide;

import jkvm.memory.GuestMemory;

/** The walk through the table of physical regions of a command (AHCI 1.3.1 section 4.2.3.3). */
final class AhciRegions extends RegionWalk {
    private static final int ENTRY_SIZE = 16;
    private static final int COUNT_OFFSET = 12;
    private static final int COUNT_MASK = 0x3FFFFF;
    private static final int INTERRUPT_BIT = 0x80000000;

    private long entry;
    private int entriesLeft;
    private boolean interrupts;

    AhciRegions(GuestMemory memory) {
        super(memory);
    }

    /** Begins the walk. */
    void walk(long table, int entries) {
        begin(true);
        entry = table;
        entriesLeft = entries;
        interrupts = false;
    }

    @Override
    boolean hasEntry() {
        return entriesLeft > 0;
    }

    @Override
    void readEntry() {
        long at = entry(entry, ENTRY_SIZE);
        if (at < 0) {
            return;
        }
        int count = guestMemory().readInt(at + COUNT_OFFSET);
        interrupts |= (count & INTERRUPT_BIT) != 0;
        // A byte count has its lowest bit set: regions have an even number of bytes.
        region(guestMemory().readLong(at) & ~1L, (count & COUNT_MASK | 1) + 1);
        entry += ENTRY_SIZE;
        entriesLeft--;
    }

    /** True if an entry so far asks for an interrupt. */
    boolean interrupts() {
        return interrupts;
    }
}
