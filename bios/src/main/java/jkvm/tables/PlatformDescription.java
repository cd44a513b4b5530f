package jkvm.tables;

import java.util.List;

/**
 * What the tables say about the machine. The interrupt controllers (LAPICs, one IOAPIC at {@link #IOAPIC_ADDRESS}) and
 * the ACPI power management block are always there.
 *
 * @param cpus               1 to {@link #MAX_CPUS}; CPU n has APIC id n
 * @param serialPorts        the COM ports, in order
 * @param keyboardController true with an i8042 at ports 0x60 and 0x64
 * @param rtc                true with a CMOS clock at ports 0x70 and 0x71, whose byte 0x32 holds the century
 */
public record PlatformDescription(int cpus, List<SerialPort> serialPorts, boolean keyboardController, boolean rtc) {
    /** More need x2APIC entries. APIC id 255 is the broadcast. */
    public static final int MAX_CPUS = 255;

    public static final int LAPIC_ADDRESS = 0xFEE00000;
    public static final int IOAPIC_ADDRESS = 0xFEC00000;
    /** The id that KVM's IOAPIC has after reset. */
    public static final int IOAPIC_ID = 0;
    /** The system control interrupt's GSI: level-triggered, active high. */
    public static final int SCI_GSI = 9;
    /** Where the timer's ISA interrupt 0 arrives at the IOAPIC. */
    public static final int TIMER_GSI = 2;

    /** First port of the PM1a event registers: status, enable. */
    public static final int PM1A_EVENT_PORT = 0x600;
    public static final int PM1A_CONTROL_PORT = 0x604;
    public static final int PM_TIMER_PORT = 0x608;
    /** The value of SLP_TYP in the PM1a control register that powers the machine off. */
    public static final int S5_SLEEP_TYPE = 0;
    public static final int RESET_PORT = 0xCF9;
    /** What a guest writes to {@link #RESET_PORT} to reset the machine. */
    public static final int RESET_VALUE = 0x0E;

    public static final SerialPort COM1 = new SerialPort(0x3F8, 4);
    public static final SerialPort COM2 = new SerialPort(0x2F8, 3);
    public static final SerialPort COM3 = new SerialPort(0x3E8, 4);
    public static final SerialPort COM4 = new SerialPort(0x2E8, 3);
    /** COM1 to COM4. */
    public static final List<SerialPort> COM_PORTS = List.of(COM1, COM2, COM3, COM4);

    /**
     * A 16550A with eight registers.
     *
     * @param port first I/O port
     * @param irq  ISA interrupt, edge-triggered
     */
    public record SerialPort(int port, int irq) { }

    public PlatformDescription {
        if (cpus < 1 || cpus > MAX_CPUS) {
            throw new IllegalArgumentException("%d CPUs: must be 1 to %d".formatted(cpus, MAX_CPUS));
        }
        serialPorts = List.copyOf(serialPorts);
    }

    /** A PC with a keyboard controller, a clock and the given COM ports. */
    public static PlatformDescription pc(int cpus, SerialPort... serialPorts) {
        return new PlatformDescription(cpus, List.of(serialPorts), true, true);
    }
}
