package jkvm.host.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * A bounded queue of frames in one block of memory, for one thread that puts in and one that takes out; neither waits
 * and nothing is allocated.
 */
public final class FrameQueue {
    /** The smallest capacity that is sure to take the longest frame. */
    public static final int MIN_CAPACITY = 2 * 65536 + 4096;
    /** Length, checksum start and offset, GSO type and flags, GSO size and header length; 32 bits each. */
    private static final int HEADER_SIZE = 24;
    private static final int NEEDS_CHECKSUM_BIT = 0x100, CHECKSUM_VALID_BIT = 0x200;
    /** In place of a length: the rest of the block is not used, go on at its start. */
    private static final int WRAPPED = -1;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    private final MemorySegment block;
    private final int capacity;
    /** Positions count up for ever; each is written by one side only. */
    private volatile long head;
    private volatile long tail;

    /** @param capacity in bytes, a multiple of 8, from {@link #MIN_CAPACITY} on */
    public FrameQueue(int capacity) {
        if (capacity < MIN_CAPACITY || capacity % 8 != 0) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        this.capacity = capacity;
        this.block = MemorySegment.ofBuffer(ByteBuffer.allocateDirect(capacity));
    }

    public boolean isEmpty() {
        return head == tail;
    }

    /** True if a frame of any length fits. */
    public boolean hasRoom() {
        return tail - head <= capacity - MIN_CAPACITY;
    }

    /**
     * Puts a copy of the frame in.
     *
     * @return false if there is no room
     */
    public boolean offer(NetFrame frame) {
        int size = HEADER_SIZE + (frame.length() + 7 & ~7);
        long end = tail;
        int at = (int) (end % capacity);
        int skipped = at + size > capacity ? capacity - at : 0;
        if (end + skipped + size - head > capacity) {
            return false;
        }
        if (skipped > 0) {
            block.set(INT, at, WRAPPED);
            at = 0;
        }
        write(frame, at);
        tail = end + skipped + size;
        return true;
    }

    private void write(NetFrame frame, int at) {
        block.set(INT, at, frame.length());
        block.set(INT, at + 4, frame.checksumStart());
        block.set(INT, at + 8, frame.checksumOffset());
        block.set(INT, at + 12, frame.gsoType() | (frame.needsChecksum() ? NEEDS_CHECKSUM_BIT : 0)
                | (frame.isChecksumValid() ? CHECKSUM_VALID_BIT : 0));
        block.set(INT, at + 16, frame.gsoSize());
        block.set(INT, at + 20, frame.headerLength());
        MemorySegment.copy(frame.memory(), 0, block, at + HEADER_SIZE, frame.length());
    }

    /**
     * Takes the oldest frame out.
     *
     * @return false if there is none
     */
    public boolean poll(NetFrame into) {
        long start = head;
        if (start == tail) {
            return false;
        }
        int at = (int) (start % capacity);
        if (block.get(INT, at) == WRAPPED) {
            start += capacity - at;
            at = 0;
        }
        read(into, at);
        head = start + HEADER_SIZE + (into.length() + 7 & ~7);
        return true;
    }

    private void read(NetFrame frame, int at) {
        frame.setLength(block.get(INT, at));
        frame.clearOffload();
        int flags = block.get(INT, at + 12);
        if ((flags & NEEDS_CHECKSUM_BIT) != 0) {
            frame.setChecksum(block.get(INT, at + 4), block.get(INT, at + 8));
        }
        frame.setChecksumValid((flags & CHECKSUM_VALID_BIT) != 0);
        frame.setGso(flags & 0xff, block.get(INT, at + 16), block.get(INT, at + 20));
        MemorySegment.copy(block, at + HEADER_SIZE, frame.memory(), 0, frame.length());
    }
}
