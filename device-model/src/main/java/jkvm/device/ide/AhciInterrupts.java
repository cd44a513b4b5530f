package jkvm.device.ide;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The interrupts of a port: the events that wait for the guest and those that it wants to hear of (AHCI 1.3.1 sections
 * 3.3.5 and 3.3.6). Its port guards it.
 */
final class AhciInterrupts {
    static final int REGISTERS_BIT = 1;
    static final int PIO_SETUP_BIT = 1 << 1;
    static final int SET_BITS_BIT = 1 << 3;
    static final int REGION_BIT = 1 << 5;
    static final int CONNECT_BIT = 1 << 6;
    static final int PHY_READY_BIT = 1 << 22;
    static final int OVERFLOW_BIT = 1 << 24;
    static final int INTERFACE_ERROR_BIT = 1 << 27;
    static final int BUS_ERROR_BIT = 1 << 29;
    static final int TASK_FILE_ERROR_BIT = 1 << 30;

    private static final int STATUS_MASK = 0xFDC000FF;
    /** These follow the link's errors. */
    private static final int LINK_BITS = CONNECT_BIT | PHY_READY_BIT;

    private final int number;
    private final AhciHost host;
    private int status;
    private int enabled;

    /** @param number of the port */
    AhciInterrupts(int number, AhciHost host) {
        this.number = number;
        this.host = host;
    }

    int status() {
        return status;
    }

    int enabled() {
        return enabled;
    }

    /** The guest writes the status: it clears the bits that it writes. */
    void acknowledge(int bits) {
        status &= ~bits | LINK_BITS;
        tellHost(false);
    }

    void enable(int bits) {
        enabled = bits & STATUS_MASK;
        tellHost(true);
    }

    void raise(int bits) {
        status |= bits;
        tellHost(true);
    }

    /** Clears the bits whose errors the link does not have. */
    void follow(AhciLink link) {
        status &= ~((link.error() & AhciLink.EXCHANGED_BIT) == 0 ? CONNECT_BIT : 0)
                & ~((link.error() & AhciLink.PHY_CHANGED_BIT) == 0 ? PHY_READY_BIT : 0);
        tellHost(false);
    }

    private void tellHost(boolean isNew) {
        host.port(number, (status & enabled) != 0, isNew);
    }

    /** Forgets all. The host control is in a reset, too. */
    void clear() {
        status = 0;
        enabled = 0;
    }

    /** Within the port's state. */
    void save(StateWriter out) {
        out.putInt("status", status);
        out.putInt("enabled", enabled);
    }

    void load(StateReader in) {
        status = in.getInt("status");
        enabled = in.getInt("enabled") & STATUS_MASK;
    }

    /** After a load of the whole port. */
    void loaded() {
        tellHost(false);
    }
}
