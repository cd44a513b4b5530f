package jkvm.device.ide;

import jkvm.device.pci.Msi;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The generic host control of an AHCI controller (AHCI 1.3.1 section 3.1): what it is, and the interrupts of its ports.
 * Ports call it with their locks held; it calls the function's pin and messages only.
 */
final class AhciHost {
    static final int CAPABILITIES_OFFSET = 0x00;
    static final int CONTROL_OFFSET = 0x04;
    static final int STATUS_OFFSET = 0x08;
    static final int PORTS_OFFSET = 0x0C;
    static final int VERSION_OFFSET = 0x10;
    static final int RESET_BIT = 0x00000001;
    static final int INTERRUPTS_BIT = 0x00000002;
    static final int AHCI_BIT = 0x80000000;

    private static final int VERSION_1_0 = 0x00010000;
    /** 64-bit addresses, queued commands, AHCI only, 1.5 Gbit/s: as QEMU's. */
    private static final int CAPABILITIES = 0xC0140000;
    private static final int SLOTS_SHIFT = 8;
    private static final int STATE_VERSION = 1;

    private final int ports;
    private final Pin pin;
    private Msi msi;
    private int control = AHCI_BIT;
    private int status;
    /** The ports that ask for an interrupt now. */
    private int pending;

    /** The function's interrupt pin. */
    @FunctionalInterface
    interface Pin {
        void set(boolean level);
    }

    AhciHost(int ports, Pin pin) {
        this.ports = ports;
        this.pin = pin;
    }

    /** The function's messages, by which it interrupts where the guest has enabled them. Before the guest runs. */
    void messages(Msi newMsi) {
        msi = newMsi;
    }

    synchronized int read(int offset) {
        return switch (offset) {
            case CAPABILITIES_OFFSET -> CAPABILITIES | AhciSlots.COUNT - 1 << SLOTS_SHIFT | ports - 1;
            case CONTROL_OFFSET -> control;
            case STATUS_OFFSET -> status;
            case PORTS_OFFSET -> (1 << ports) - 1;
            case VERSION_OFFSET -> VERSION_1_0;
            default -> 0;
        };
    }

    /** The guest writes a register; the controller carries out a reset. */
    synchronized void write(int offset, int value) {
        if (offset == CONTROL_OFFSET) {
            control = AHCI_BIT | value & INTERRUPTS_BIT;
            update(true);
        } else if (offset == STATUS_OFFSET) {
            status = status & ~value | pending;
            update(true);
        }
    }

    /**
     * A port's status or mask has changed.
     *
     * @param asks  whether it asks for an interrupt
     * @param isNew whether something has happened
     */
    synchronized void port(int number, boolean asks, boolean isNew) {
        int bit = 1 << number;
        pending = asks ? pending | bit : pending & ~bit;
        status |= pending;
        update(isNew && asks);
    }

    private void update(boolean sends) {
        boolean level = (control & INTERRUPTS_BIT) != 0 && status != 0;
        pin.set(level);
        if (level && sends && msi.isEnabled()) {
            msi.signal(0);
        }
    }

    /** Power-on state. */
    synchronized void reset() {
        control = AHCI_BIT;
        status = 0;
        pending = 0;
        pin.set(false);
    }

    synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("control", control);
        out.putInt("status", status);
    }

    /** Before its ports, which say what they ask for. */
    synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        control = in.getInt("control") & INTERRUPTS_BIT | AHCI_BIT;
        status = in.getInt("status") & (1 << ports) - 1;
        pending = 0;
    }
}
