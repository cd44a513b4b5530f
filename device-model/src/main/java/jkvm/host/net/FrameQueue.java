package jkvm.host.net;

import java.nio.ByteBuffer;

/**
 * A bounded queue of frames in one block of memory, for one thread that fills frames in place and one that takes them
 * in place: no frame is copied, neither thread waits, and nothing is allocated once each place has been used.
 */
public final class FrameQueue {
    /** Each frame begins at a multiple of this. */
    static final int UNIT = 1024;
    /** Units of the longest frame. */
    static final int MAX_UNITS = units(NetFrame.MAX_LENGTH);
    /** The smallest capacity: an empty queue takes the longest frame, wherever in the block its end is. */
    public static final int MIN_CAPACITY = 2 * MAX_UNITS * UNIT;

    private final ByteBuffer block;
    private final int units;
    /** By the unit that they begin with; made when first used. */
    private final NetFrame[] frames;
    /** In units, counting up for ever; each is written by one side only. */
    private volatile long head;
    private volatile long tail;

    /** @param capacity in bytes, a power of two, from {@link #MIN_CAPACITY} on */
    public FrameQueue(int capacity) {
        if (capacity < MIN_CAPACITY || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        block = ByteBuffer.allocateDirect(capacity);
        units = capacity / UNIT;
        frames = new NetFrame[units - MAX_UNITS + 1];
    }

    private static int units(int length) {
        return (NetFrame.HEADROOM + length + NetFrame.TAILROOM + UNIT - 1) / UNIT;
    }

    public boolean isEmpty() {
        return head == tail;
    }

    /** True if a frame of any length fits. */
    public boolean hasRoom() {
        return start(tail) + MAX_UNITS - head <= units;
    }

    private int index(long position) {
        return (int) position & units - 1;
    }

    /** Where the frame begins that comes at a position: there, or in the next lap if the block's end is too near. */
    private long start(long position) {
        int unit = index(position);
        return unit + MAX_UNITS <= units ? position : position + units - unit;
    }

    /**
     * Room for one more frame, of any length. It is the same at each call until {@link #commit()}.
     *
     * @return null if there is none now
     */
    public NetFrame claim() {
        long at = start(tail);
        if (at + MAX_UNITS - head > units) {
            return null;
        }
        int unit = index(at);
        NetFrame frame = frames[unit];
        if (frame == null) {
            frame = new NetFrame(block.slice(unit * UNIT, NetFrame.WHOLE_SIZE));
            frames[unit] = frame;
        }
        return frame;
    }

    /** Puts the frame that {@link #claim()} gave into the queue. */
    public void commit() {
        long at = start(tail);
        tail = at + units(frames[index(at)].length());
    }

    /**
     * The oldest frame; it stays until {@link #release()}.
     *
     * @return null if there is none
     */
    public NetFrame peek() {
        long position = head;
        return position == tail ? null : frames[index(start(position))];
    }

    /** Takes the oldest frame out of the queue: its memory is for others. Its length is as when it was put in. */
    public void release() {
        long at = start(head);
        head = at + units(frames[index(at)].length());
    }
}
