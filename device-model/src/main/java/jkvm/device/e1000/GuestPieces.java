package jkvm.device.e1000;

import java.lang.foreign.MemorySegment;
import jkvm.memory.GuestMemory;

/**
 * A packet that still lies in the guest's buffers, and how much of it was read: each byte is read once, in order. Only
 * while the guest does not have the buffers back.
 */
final class GuestPieces {
    private static final int MOST = 32;

    private final GuestMemory memory;
    private final long[] addresses = new long[MOST];
    private final int[] lengths = new int[MOST];
    private int count;
    private int total;
    /** The piece that is read next, and how much of it was read. */
    private int next;
    private int done;
    private int position;

    GuestPieces(GuestMemory memory) {
        this.memory = memory;
    }

    void clear() {
        if (count > 0) {
            count = 0;
            total = 0;
            next = 0;
            done = 0;
            position = 0;
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean isFull() {
        return count == MOST;
    }

    /** Bytes of all pieces. */
    int total() {
        return total;
    }

    /** Bytes that were read. */
    int position() {
        return position;
    }

    /** Adds a buffer that lies in guest memory. There is room. */
    void add(long address, int length) {
        addresses[count] = address;
        lengths[count] = length;
        count++;
        total += length;
    }

    /** Reads the next bytes, as many as there are at the most. */
    void read(MemorySegment to, int at, int length) {
        int end = position + length;
        int target = at;
        while (position < end) {
            int part = Math.min(end - position, lengths[next] - done);
            memory.read(addresses[next] + done, to, target, part);
            target += part;
            position += part;
            done += part;
            if (done == lengths[next]) {
                next++;
                done = 0;
            }
        }
    }
}
