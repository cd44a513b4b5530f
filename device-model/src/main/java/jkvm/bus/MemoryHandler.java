package jkvm.bus;

import java.lang.foreign.MemorySegment;

/**
 * A range that is plain memory of a device. Where nothing covers it a machine may let the guest reach the memory
 * without a call; otherwise accesses come here, with the same effect.
 */
public interface MemoryHandler extends IoHandler {

    /** The memory that is seen in the range, of the range's size. */
    MemorySegment memory();
}
