package jkvm.device.platform;

import jkvm.bus.ByteIoHandler;
import jkvm.bus.Device;
import jkvm.bus.IrqLine;
import jkvm.bus.RegisterNames;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The block of ACPI's general-purpose events (ACPI 6.5 section 4.8.4.1): two bytes of status, which a written 1 clears,
 * and two of enables. It drives an input of the system control interrupt while an enabled event has its status set. In
 * a PIIX4 of QEMU it lies beside the fixed registers, too.
 */
public final class GpeBlock implements Device, ByteIoHandler {
    /** Ports that it decodes. */
    public static final int PORTS = 4;
    /** The event of {@link jkvm.device.pci.PciHotplug}, for which the DSDT has a method {@code _E01}. */
    public static final int PCI_HOTPLUG_EVENT = 1;

    static final int EVENTS = 16;
    static final int STATUS_OFFSET = 0;
    static final int ENABLE_OFFSET = 2;
    private static final int EVENTS_MASK = (1 << EVENTS) - 1;
    private static final int STATE_VERSION = 1;

    private final String name;
    private final IrqLine sci;
    private int status;
    private int enable;

    /** @param sci an input of the system control interrupt, level-triggered, active high */
    public GpeBlock(String name, IrqLine sci) {
        this.name = name;
        this.sci = sci;
    }

    /** An event has happened, 0 to 15. Any thread may call, a device's lock held. */
    public synchronized void raise(int event) {
        status |= 1 << event & EVENTS_MASK;
        update();
    }

    private void update() {
        sci.set((status & enable) != 0);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public RegisterNames registerNames() {
        return new RegisterNames("acpi_gpe").with(STATUS_OFFSET, "GPE0_STS").with(ENABLE_OFFSET, "GPE0_EN");
    }

    @Override
    public synchronized int readByte(int offset) {
        return ((offset < ENABLE_OFFSET ? status : enable) >>> 8 * (offset & 1)) & 0xFF;
    }

    @Override
    public synchronized void writeByte(int offset, int value) {
        int shift = 8 * (offset & 1);
        if (offset < ENABLE_OFFSET) {
            status &= ~(value << shift);
        } else {
            enable = enable & ~(0xFF << shift) | value << shift;
        }
        update();
    }

    @Override
    public synchronized void reset() {
        status = 0;
        enable = 0;
        update();
    }

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("status", status);
        out.putInt("enable", enable);
    }

    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        status = in.getInt("status", 0, EVENTS_MASK);
        enable = in.getInt("enable", 0, EVENTS_MASK);
        update();
    }
}
