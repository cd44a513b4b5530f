package jkvm.device.pci;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Intel's PIIX4 power management function, 8086:7113. The block that it announces stays where it is, whatever is
 * written. There is no system management mode: the register that sends SMIs for port 0xB2 shows them as set up already,
 * which is how firmware learns not to wait for one.
 */
public final class AcpiFunction extends PciFunction {
    static final int PM_BASE_OFFSET = 0x40;
    static final int DEVICE_ACTIVITY_B_OFFSET = 0x58;
    static final int PM_ENABLE_OFFSET = 0x80;
    static final int SMBUS_BASE_OFFSET = 0x90;

    private static final int DEVICE = 0x7113;
    private static final int REVISION = 3;
    private static final int CLASS = 0x068000;
    private static final int APMC_ENABLE_BIT = 1 << 25;
    private static final int IO_SPACE_BIT = 1;

    /** @param pmBase the first port of the block, a multiple of 64 */
    @SuppressWarnings("this-escape")
    public AcpiFunction(int pmBase) {
        super("piix4-acpi", new PciIdentity(PciIdentity.INTEL, DEVICE, REVISION, CLASS, PciIdentity.VIRTIO,
                PciIdentity.QEMU_SUBSYSTEM, 1));
        define(STATUS_OFFSET, 2, STATUS_MEDIUM_TIMING | STATUS_FAST_BACK_TO_BACK_BIT, 0);
        define(PM_BASE_OFFSET, 4, pmBase | IO_SPACE_BIT, 0);
        define(DEVICE_ACTIVITY_B_OFFSET, 4, APMC_ENABLE_BIT, 0);
        define(PM_ENABLE_OFFSET, 1, 1, 0);
        define(SMBUS_BASE_OFFSET, 4, IO_SPACE_BIT, 0xFFC0);
        define(0xD2, 1, 0, 0x0F);
    }

    /** Tells the guest, as firmware does, which interrupt the block raises: not that of the pin. */
    public void routeInterrupt(int irq) {
        setRegister(INTERRUPT_LINE_OFFSET, 1, irq);
    }

    @Override
    protected void saveDevice(StateWriter out) {
        // All of it is in configuration space.
    }

    @Override
    protected void loadDevice(StateReader in) {
        // All of it is in configuration space.
    }
}
