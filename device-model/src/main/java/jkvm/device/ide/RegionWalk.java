package jkvm.device.ide;

import java.lang.foreign.MemorySegment;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/**
 * The walk through a table of physical regions, between which and a drive bytes move. It belongs to the thread that
 * moves them. A subclass knows the table's format; each entry is copied once, since the guest may change it at any
 * time.
 */
abstract class RegionWalk {
    private final GuestMemory memory;
    private long address;
    private long pieceLeft;
    private boolean isAborted;
    private MemoryRegion region;

    RegionWalk(GuestMemory memory) {
        this.memory = memory;
    }

    /**
     * Begins the walk.
     *
     * @param isAllowed whether the guest lets the controller access memory
     */
    final void begin(boolean isAllowed) {
        pieceLeft = 0;
        isAborted = !isAllowed;
    }

    /** True if the table has another entry. */
    abstract boolean hasEntry();

    /** Reads the next entry by {@link #entry} and gives it to {@link #region(long, long)}. */
    abstract void readEntry();

    /** The place of an entry of so many bytes; negative, and the walk aborted, where there is no RAM. */
    final long entry(long at, int size) {
        if (memory.contains(at, size)) {
            return at;
        }
        isAborted = true;
        return -1;
    }

    /** What an entry says. */
    final void region(long newAddress, long count) {
        address = newAddress;
        pieceLeft = count;
    }

    /**
     * Finds the next bytes of memory.
     *
     * @param most how many are of use
     * @return how many lie at {@link #memory}; 0 if the table ends, or leads to an address without RAM
     */
    final int next(long most) {
        while (pieceLeft == 0) {
            if (isAborted || !hasEntry()) {
                return 0;
            }
            readEntry();
        }
        int piece = (int) Math.min(pieceLeft, most);
        if (!memory.contains(address, piece)) {
            isAborted = true;
            return 0;
        }
        region = memory.region(address);
        memory.require(address, piece);
        return piece;
    }

    final GuestMemory guestMemory() {
        return memory;
    }

    /** The memory of {@link #next}. */
    final MemorySegment memory() {
        return region.segment();
    }

    /** Where in {@link #memory} its bytes begin. */
    final long start() {
        return address - region.start();
    }

    /**
     * So many bytes have moved.
     *
     * @param toMemory the drive may have written them to memory
     */
    final void moved(int count, boolean toMemory) {
        if (toMemory) {
            memory.noteWritten(address, count);
        }
        address += count;
        pieceLeft -= count;
    }

    /** True if the current entry has been used up. */
    final boolean isEntryOver() {
        return pieceLeft == 0;
    }

    /** True if the walk met an address without RAM. */
    final boolean isAborted() {
        return isAborted;
    }
}
