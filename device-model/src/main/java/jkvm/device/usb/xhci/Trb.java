package jkvm.device.usb.xhci;

import jkvm.memory.GuestMemory;

/** One Transfer Request Block (xHCI section 4.11), 16 bytes, as it was read once. */
final class Trb {
    static final int SIZE = 16;

    static final int CYCLE_BIT = 1;
    /** Link TRB: the consumer's cycle state changes. */
    static final int TOGGLE_CYCLE_BIT = 1 << 1;
    static final int INTERRUPT_ON_SHORT_BIT = 1 << 2;
    static final int CHAIN_BIT = 1 << 4;
    static final int INTERRUPT_ON_COMPLETION_BIT = 1 << 5;
    static final int IMMEDIATE_DATA_BIT = 1 << 6;
    /** Data and status stage: to the host. */
    static final int DIRECTION_IN_BIT = 1 << 16;

    static final int NORMAL = 1;
    static final int SETUP_STAGE = 2;
    static final int DATA_STAGE = 3;
    static final int STATUS_STAGE = 4;
    static final int LINK = 6;
    static final int EVENT_DATA = 7;
    static final int NO_OP = 8;
    static final int TRANSFER_EVENT = 32;
    static final int COMMAND_COMPLETION_EVENT = 33;
    static final int PORT_STATUS_CHANGE_EVENT = 34;
    static final int HOST_CONTROLLER_EVENT = 37;

    private static final int TYPE_SHIFT = 10;
    private static final int TYPE_MASK = 0x3F;
    private static final int LENGTH_MASK = 0x1FFFF;

    long address;
    long parameter;
    int status;
    int control;

    /** @throws jkvm.memory.GuestAddressException outside of RAM */
    void read(GuestMemory memory, long from) {
        address = from;
        control = memory.readIntAcquire(from + 12);
        parameter = memory.readLong(from);
        status = memory.readInt(from + 8);
    }

    void copy(Trb other) {
        address = other.address;
        parameter = other.parameter;
        status = other.status;
        control = other.control;
    }

    static int typeIn(int control) {
        return control >>> TYPE_SHIFT & TYPE_MASK;
    }

    static int controlOf(int type) {
        return type << TYPE_SHIFT;
    }

    int type() {
        return typeIn(control);
    }

    boolean cycle() {
        return has(CYCLE_BIT);
    }

    boolean has(int bit) {
        return (control & bit) != 0;
    }

    /** Bytes of a transfer's buffer. */
    int length() {
        return status & LENGTH_MASK;
    }

    /** The interrupter that a transfer's event goes to. */
    int interrupter() {
        return status >>> 22;
    }

    /** The slot that a command or doorbell is for. */
    int slot() {
        return control >>> 24;
    }

    /** The endpoint that a command is for: its device context index. */
    int endpoint() {
        return control >>> 16 & 0x1F;
    }
}
