package jkvm.device.e1000;

import java.util.concurrent.atomic.AtomicInteger;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The registers of one ring of descriptors: base, length, head, tail. All that the guest writes is kept; a ring
 * whose head or tail lies outside of it stops until they are set right. A length below 128 bytes reads as zero; each
 * write to the tail then offers the one descriptor at the head, as in QEMU: drivers with so small a ring exist.
 *
 * <p>Base and length are guarded by the device's lock. The driver's index may be written and both may be read at any
 * time.
 */
final class DescriptorRing {
    static final int DESCRIPTOR_SIZE = 16;
    private static final int LENGTH_MASK = 0xFFF80;
    private static final int INDEX_MASK = 0xFFFF;

    private int baseLow;
    private int baseHigh;
    private int length;
    /**
     * Written with the device's lock held, so the device reads it plainly. Nobody waits for it, so a write only keeps
     * its order after what was written to the descriptors: a volatile one would cost a fence for each frame.
     */
    private final AtomicInteger head = new AtomicInteger();
    private volatile int tail;
    /** Writes to the tail of a ring without length that differ from the head, and how many the device has answered. */
    private final AtomicInteger bells = new AtomicInteger();
    private int answered;

    /** @param register distance from the BAL register */
    int read(int register) {
        return switch (register) {
            case RegisterMap.RING_BAL -> baseLow;
            case RegisterMap.RING_BAH -> baseHigh;
            case RegisterMap.RING_LEN -> length;
            case RegisterMap.RING_HEAD -> head.getAcquire();
            case RegisterMap.RING_TAIL -> tail;
            default -> 0;
        };
    }

    /** @param register distance from the BAL register */
    void write(int register, int value) {
        switch (register) {
            case RegisterMap.RING_BAL -> baseLow = value & -DESCRIPTOR_SIZE;
            case RegisterMap.RING_BAH -> baseHigh = value;
            case RegisterMap.RING_LEN -> length = value & LENGTH_MASK;
            case RegisterMap.RING_HEAD -> head.setRelease(value & INDEX_MASK);
            case RegisterMap.RING_TAIL -> setTail(value);
            default -> {
            }
        }
    }

    void setTail(int value) {
        tail = value & INDEX_MASK;
        if (length == 0 && tail != head.getAcquire()) {
            bells.incrementAndGet();
        }
    }

    int entries() {
        return length / DESCRIPTOR_SIZE;
    }

    /** Descriptors that the device owns; none while head or tail is outside of the ring. */
    int available() {
        int entries = entries();
        int from = head.getPlain();
        int to = tail;
        if (entries == 0) {
            return bells.get() != answered ? 1 : 0;
        }
        if (from >= entries || to >= entries) {
            return 0;
        }
        return to >= from ? to - from : to - from + entries;
    }

    /** The guest physical address of the descriptor {@code ahead} of the head. */
    long address(int ahead) {
        int index = head.getPlain() + ahead;
        int entries = entries();
        if (entries != 0 && index >= entries) {
            index -= entries;
        }
        return ((long) baseHigh << 32 | baseLow & 0xFFFFFFFFL) + (long) index * DESCRIPTOR_SIZE;
    }

    /** The device is done with the first {@code count} of its descriptors. */
    void advance(int count) {
        int next = head.getPlain() + count;
        int entries = entries();
        if (entries == 0) {
            answered++;
            head.setRelease(0);
            return;
        }
        head.setRelease(next >= entries ? next - entries : next);
    }

    void reset() {
        baseLow = 0;
        baseHigh = 0;
        length = 0;
        head.setRelease(0);
        tail = 0;
        answered = bells.get();
    }

    void save(StateWriter out) {
        out.putInt("base-low", baseLow);
        out.putInt("base-high", baseHigh);
        out.putInt("length", length);
        out.putInt("head", head.getPlain());
        out.putInt("tail", tail);
        out.putInt("bells", bells.get() - answered);
    }

    /** @param hasBells the state has a count of unanswered writes to the tail */
    void load(StateReader in, boolean hasBells) {
        write(RegisterMap.RING_BAL, in.getInt("base-low"));
        write(RegisterMap.RING_BAH, in.getInt("base-high"));
        write(RegisterMap.RING_LEN, in.getInt("length"));
        write(RegisterMap.RING_HEAD, in.getInt("head"));
        tail = in.getInt("tail") & INDEX_MASK;
        answered = bells.get() - (hasBells ? in.getInt("bells") : 0);
    }
}
