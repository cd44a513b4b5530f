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
    static final int RESOURCE_B_OFFSET = 0x5C;
    static final int RESOURCE_C_OFFSET = 0x60;
    static final int RESOURCE_D_OFFSET = 0x64;
    static final int PM_ENABLE_OFFSET = 0x80;
    static final int SMBUS_BASE_OFFSET = 0x90;

    private static final int DEVICE = 0x7113;
    private static final int REVISION = 3;
    private static final int CLASS = 0x068000;
    private static final int APMC_ENABLE_BIT = 1 << 25;
    private static final int IO_SPACE_BIT = 1;
    /** In the last byte of {@link #RESOURCE_D_OFFSET}: the first serial port is there, and the second. */
    private static final int FIRST_SERIAL_BIT = 0x08;
    private static final int SECOND_SERIAL_BITS = 0x90;

    /**
     * Makes the function of a board.
     *
     * @param pmBase       the first port of the block, a multiple of 64
     * @param firstSerial  whether there is a serial port at 0x3F8
     * @param secondSerial whether there is one at 0x2F8
     */
    @SuppressWarnings("this-escape")
    public AcpiFunction(int pmBase, boolean firstSerial, boolean secondSerial) {
        super("piix4-acpi", new PciIdentity(PciIdentity.INTEL, DEVICE, REVISION, CLASS, PciIdentity.VIRTIO,
                PciIdentity.QEMU_SUBSYSTEM, 1));
        define(STATUS_OFFSET, 2, STATUS_MEDIUM_TIMING | STATUS_FAST_BACK_TO_BACK_BIT, 0);
        define(PM_BASE_OFFSET, 4, pmBase | IO_SPACE_BIT, 0);
        define(DEVICE_ACTIVITY_B_OFFSET, 4, APMC_ENABLE_BIT, 0);
        define(RESOURCE_B_OFFSET + 3, 1, 0x10, 0);
        define(RESOURCE_C_OFFSET + 3, 1, 0x60, 0);
        define(RESOURCE_D_OFFSET + 3, 1, (firstSerial ? FIRST_SERIAL_BIT : 0)
                | (secondSerial ? SECOND_SERIAL_BITS : 0), 0);
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
