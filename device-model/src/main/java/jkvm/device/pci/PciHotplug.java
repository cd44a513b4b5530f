package jkvm.device.pci;

import java.util.function.IntSupplier;
import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.RegisterNames;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The registers by which ACPI's methods plug and eject PCI devices, as QEMU's PIIX4 has them ({@code
 * docs/specs/acpi_pci_hotplug}): which slots have got a device, which the machine wants back, the guest's order to
 * eject one, which slots allow that, and the bus that all of these are of. There is one bus, number 0; the registers of
 * any other show no event, and eject nothing. Each register is a double word; other accesses read as zero and write
 * nothing.
 *
 * <p>A guest may eject a device that nobody asked it for, as {@code echo 0 > /sys/bus/pci/slots/5/power} does. It may
 * eject a slot again before the machine has emptied it: that is told once. Bits of several slots eject the lowest.
 */
public final class PciHotplug implements Device, IoHandler {
    /** Ports that it decodes. */
    public static final int PORTS = 0x18;

    static final int UP_OFFSET = 0x00;
    static final int DOWN_OFFSET = 0x04;
    static final int EJECT_OFFSET = 0x08;
    static final int REMOVABLE_OFFSET = 0x0C;
    static final int BUS_OFFSET = 0x10;
    /** The most buses that QEMU's controller knows; those without a device show all slots as removable. */
    static final int BUSES = 256;
    private static final int STATE_VERSION = 1;

    private final String name;
    private final Slots slots;
    private final Runnable event;
    private int up;
    private int down;
    private int bus;
    /** The slots that the machine is to empty and has not yet. */
    private int ejected;

    /** The slots of the bus, a bit each. */
    public interface Slots {

        /** Those that have no function which belongs to the board. */
        int removable();

        /** Those that have a function. */
        int occupied();

        /** The guest gives up the devices in a slot: {@link PciHotplug#emptied} follows. A vCPU's thread calls. */
        void eject(int slot);
    }

    /** @param event tells the guest to look at the registers, which it does by ACPI's method for it */
    public PciHotplug(String name, Slots slots, Runnable event) {
        this.name = name;
        this.slots = slots;
        this.event = event;
    }

    /** A device has come into a slot while the guest runs: tells it. */
    public synchronized void plugged(int slot) {
        up |= 1 << slot;
        event.run();
    }

    /** The machine wants the devices in a slot back: tells the guest, which is to eject them. */
    public synchronized void requestEject(int slot) {
        down |= 1 << slot;
        event.run();
    }

    /** The slots that the guest was asked to eject and has not. */
    public synchronized int requested() {
        return down;
    }

    /** The slots that the guest has ejected and the machine has not emptied yet. */
    public synchronized int ejected() {
        return ejected;
    }

    /** The devices of a slot are gone. */
    public synchronized void emptied(int slot) {
        up &= ~(1 << slot);
        down &= ~(1 << slot);
        ejected &= ~(1 << slot);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public RegisterNames registerNames() {
        return new RegisterNames("pci_hotplug").with(UP_OFFSET, "PCIU").with(DOWN_OFFSET, "PCID")
                .with(EJECT_OFFSET, "B0EJ").with(REMOVABLE_OFFSET, "RMVC").with(BUS_OFFSET, "BNUM");
    }

    @Override
    public synchronized long read(long offset, int size) {
        if (size != Integer.BYTES || Integer.compareUnsigned(bus, BUSES) >= 0) {
            return 0;
        }
        return switch ((int) offset) {
            case UP_OFFSET -> takeUp() & 0xFFFFFFFFL;
            case DOWN_OFFSET -> ofBus(() -> down, 0) & 0xFFFFFFFFL;
            case REMOVABLE_OFFSET -> ofBus(slots::removable, -1) & 0xFFFFFFFFL;
            case BUS_OFFSET -> bus;
            default -> 0;
        };
    }

    private int ofBus(IntSupplier register, int elsewhere) {
        return bus == 0 ? register.getAsInt() : elsewhere;
    }

    /** Reading clears it: each arrival is told once. */
    private int takeUp() {
        if (bus != 0) {
            return 0;
        }
        int taken = up;
        up = 0;
        return taken;
    }

    @Override
    public void write(long offset, int size, long value) {
        if (size != Integer.BYTES) {
            return;
        }
        if (offset == BUS_OFFSET) {
            select((int) value);
        } else if (offset == EJECT_OFFSET && (int) value != 0) {
            int slot = Integer.numberOfTrailingZeros((int) value);
            if (beginEject(slot)) {
                slots.eject(slot);
            }
        }
    }

    private synchronized void select(int number) {
        bus = number;
    }

    /** @return false if there is nothing to do, or not any more */
    private synchronized boolean beginEject(int slot) {
        if (bus != 0) {
            return false;
        }
        int bit = 1 << slot;
        up &= ~bit;
        down &= ~bit;
        if ((slots.occupied() & slots.removable() & bit & ~ejected) == 0) {
            return false;
        }
        ejected |= bit;
        return true;
    }

    /** The machine empties the slots that wait for it before this. */
    @Override
    public synchronized void reset() {
        up = 0;
        down = 0;
        bus = 0;
    }

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("up", up);
        out.putInt("down", down);
        out.putInt("bus", bus);
        out.putInt("ejected", ejected);
    }

    /** Asks the machine again for what it had not emptied when the state was saved. */
    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        up = in.getInt("up");
        down = in.getInt("down");
        bus = in.getInt("bus");
        ejected = in.getInt("ejected") & slots.occupied() & slots.removable();
        for (int left = ejected; left != 0; left &= left - 1) {
            slots.eject(Integer.numberOfTrailingZeros(left));
        }
    }
}
