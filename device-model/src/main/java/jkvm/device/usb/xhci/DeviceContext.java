package jkvm.device.usb.xhci;

import jkvm.memory.GuestMemory;

/** Where things lie in the contexts of a device in guest memory (xHCI section 6.2), 32 bytes each. */
final class DeviceContext {
    static final int SIZE = 32;
    /** All contexts of a device: the slot's and those of its 31 endpoints. */
    static final int WHOLE = 32 * SIZE;
    static final int ENDPOINTS = 31;
    /** All contexts of a command's input: one before the device's says which of them count. */
    static final int WHOLE_INPUT = SIZE + WHOLE;
    static final int ADD_SLOT_BIT = 1;
    static final int ADD_DEFAULT_ENDPOINT_BIT = 1 << 1;

    static final int SLOT_DEFAULT = 1;
    static final int SLOT_ADDRESSED = 2;
    static final int SLOT_CONFIGURED = 3;
    private static final int ROUTE_MASK = 0xFFFFF;
    private static final int SLOT_STATE_SHIFT = 27;
    private static final int ENTRIES_SHIFT = 27;
    private static final int MAX_EXIT_LATENCY_MASK = 0xFFFF;
    private static final int INTERRUPTER_SHIFT = 22;

    private DeviceContext() {
    }

    static int dropped(GuestMemory memory, long input) {
        return memory.readInt(input);
    }

    static int added(GuestMemory memory, long input) {
        return memory.readInt(input + Integer.BYTES);
    }

    /** The context of an input that wishes something for the slot, or for an endpoint by its index. */
    static long inInput(long input, int index) {
        return input + (long) SIZE * (index + 1);
    }

    static long inOutput(long output, int index) {
        return output + (long) SIZE * index;
    }

    /** The root port's number, from 1, in a slot's context; 0 if the device is said to be behind a hub. */
    static int port(GuestMemory memory, long slot) {
        boolean isAtRoot = (memory.readInt(slot) & ROUTE_MASK) == 0;
        return isAtRoot ? memory.readInt(slot + 4) >>> 16 & 0xFF : 0;
    }

    /** Copies a slot's context. */
    static void copySlot(GuestMemory memory, long input, long output) {
        for (int at = 0; at < SIZE; at += Long.BYTES) {
            memory.writeLong(output + at, memory.readLong(input + at));
        }
    }

    static void writeState(GuestMemory memory, long output, int address, int state) {
        memory.writeInt(output + 12, state << SLOT_STATE_SHIFT | address);
    }

    /** Says how many contexts count. */
    static void writeEntries(GuestMemory memory, long output, int entries) {
        int others = memory.readInt(output) & (1 << ENTRIES_SHIFT) - 1;
        memory.writeInt(output, others | entries << ENTRIES_SHIFT);
    }

    /** What an Evaluate Context command may change of a slot: latency and interrupter. */
    static void evaluateSlot(GuestMemory memory, long input, long output) {
        int latency = memory.readInt(input + 4) & MAX_EXIT_LATENCY_MASK;
        memory.writeInt(output + 4, memory.readInt(output + 4) & ~MAX_EXIT_LATENCY_MASK | latency);
        int interrupter = memory.readInt(input + 8) >>> INTERRUPTER_SHIFT << INTERRUPTER_SHIFT;
        memory.writeInt(output + 8, memory.readInt(output + 8) & (1 << INTERRUPTER_SHIFT) - 1 | interrupter);
    }
}
