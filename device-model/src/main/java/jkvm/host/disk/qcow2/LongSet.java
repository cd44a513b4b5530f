package jkvm.host.disk.qcow2;

import java.util.Arrays;

/** A set of numbers from zero up, without an object for each. One thread at a time. */
final class LongSet {
    private static final long EMPTY = -1, REMOVED = -2;
    private long[] slots = filled(64);
    private int used;

    private static long[] filled(int size) {
        long[] slots = new long[size];
        Arrays.fill(slots, EMPTY);
        return slots;
    }

    /** @return false if it was there already */
    boolean add(long value) {
        if (contains(value)) {
            return false;
        }
        if (++used > slots.length / 2) {
            long[] values = toArray();
            // Slots of what was removed count as used until here: more room is needed only if they are few.
            slots = filled(values.length > slots.length / 4 ? slots.length * 2 : slots.length);
            used = 1 + values.length;
            for (long each : values) {
                place(each);
            }
        }
        place(value);
        return true;
    }

    /** Its elements, in no order. */
    long[] toArray() {
        return Arrays.stream(slots).filter(slot -> slot >= 0).toArray();
    }

    /** How many there are; those that were removed lately may count. */
    int size() {
        return used;
    }

    /** The memory that it takes, in longs. */
    int slotCount() {
        return slots.length;
    }

    private void place(long value) {
        int i = start(value);
        while (slots[i] >= 0) {
            i = i + 1 & slots.length - 1;
        }
        slots[i] = value;
    }

    boolean contains(long value) {
        return find(value) >= 0;
    }

    void remove(long value) {
        int i = find(value);
        if (i >= 0) {
            slots[i] = REMOVED;
        }
    }

    private int find(long value) {
        for (int i = start(value); slots[i] != EMPTY; i = i + 1 & slots.length - 1) {
            if (slots[i] == value) {
                return i;
            }
        }
        return -1;
    }

    private int start(long value) {
        return (int) (value * 0x9e3779b97f4a7c15L >>> 32) & slots.length - 1;
    }
}
