package jkvm.device.board;

import java.lang.foreign.MemorySegment;

/**
 * Memory of a device that its guest may reach without it, through ranges of {@link jkvm.bus.MemoryHandler}. It belongs
 * to the machine, and is gone when the machine is closed.
 */
public interface DeviceMemory {
    int PAGE_SIZE = 4096;

    /** The memory, zero at first. */
    MemorySegment memory();

    /**
     * Adds the pages that the guest has written without a call since the last time, and forgets them. Any thread may
     * call. Allocates nothing.
     *
     * @param pages gets a bit for each, from bit 0 of element 0 on
     */
    void collectWrites(long[] pages);
}
