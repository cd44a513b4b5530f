package jkvm.tables;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Describes the machine for its tables. The interrupt controllers (LAPICs, one IOAPIC at {@link #IOAPIC_ADDRESS})
 * are always there, as is the firmware configuration device at port 0x510.
 *
 * @param cpus               1 to {@link #MAX_CPUS}; CPU n has APIC id n
 * @param serialPorts        the COM ports, in order
 * @param keyboardController true with an i8042 at ports 0x60 and 0x64
 * @param rtc                true with a CMOS clock at ports 0x70 and 0x71, whose byte 0x32 holds the century
 * @param pci                the PCI bus, if there is one
 * @param virtioDevices      virtio devices with memory-mapped registers
 * @param uuid               the machine's own number, if the user gave one
 * @param hpet               true with a high precision event timer at {@link #HPET_ADDRESS}
 * @param acpi               true with the power management block and the tables that describe it
 * @param smbios             the user's part of the SMBIOS tables
 * @param generationId       true with a VM generation ID, which the tables of a machine with ACPI and PCI describe
 * @param acpiSettings       the user's part of the ACPI tables
 */
public record PlatformDescription(int cpus, List<SerialPort> serialPorts, boolean keyboardController, boolean rtc,
        Optional<PciHost> pci, List<VirtioMmio> virtioDevices, Optional<UUID> uuid, boolean hpet,
        boolean acpi, SmbiosSettings smbios, boolean generationId,
        AcpiSettings acpiSettings) {
    /** More need x2APIC entries. APIC id 255 is the broadcast. */
    public static final int MAX_CPUS = 255;

    public static final int LAPIC_ADDRESS = 0xFEE00000;
    public static final int IOAPIC_ADDRESS = 0xFEC00000;
    public static final int HPET_ADDRESS = 0xFED00000;
    public static final int HPET_SIZE = 0x400;
    /** The low half of the timer's capabilities: revision 1, three timers, 64 bits, legacy replacement, Intel. */
    public static final int HPET_BLOCK_ID = 0x8086A201;
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
    /** The value that suspends the machine to RAM, and the one for a guest that has written its RAM to a disk. */
    public static final int S3_SLEEP_TYPE = 1;
    public static final int S4_SLEEP_TYPE = 2;
    /** First port of the general-purpose events of a machine with PCI: two bytes of status, two of enables. */
    public static final int GPE0_PORT = 0xAFE0;
    public static final int GPE0_PORTS = 4;
    /** First port of the controller for the hot-plug of PCI devices, a double word for each register. */
    public static final int PCI_HOTPLUG_PORT = 0xAE00;
    public static final int PCI_HOTPLUG_PORTS = 0x18;
    public static final int RESET_PORT = 0xCF9;
    /** The value that a guest writes to {@link #RESET_PORT} to reset the machine. */
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

    /**
     * A PCI bus that configuration mechanism 1 reaches.
     *
     * @param memoryStart first address for BARs below 4 GiB
     * @param memoryEnd   first address after these
     * @param wideStart   first address for 64-bit BARs above RAM and 4 GiB
     * @param wideEnd     first address after these; {@code wideStart} if there are none
     * @param pirqGsis    the level-triggered GSIs that PIRQA to PIRQD lead to
     */
    public record PciHost(long memoryStart, long memoryEnd, long wideStart, long wideEnd, List<Integer> pirqGsis) {
        public PciHost {
            pirqGsis = List.copyOf(pirqGsis);
        }

        /** With all BARs below 4 GiB. */
        public PciHost(long memoryStart, long memoryEnd, List<Integer> pirqGsis) {
            this(memoryStart, memoryEnd, 0, 0, pirqGsis);
        }

        boolean hasWideMemory() {
            return wideEnd > wideStart;
        }

        /**
         * The GSI of a device's interrupt pin, wired as a PC's board does.
         *
         * @param pin 1 for INTA to 4 for INTD
         */
        public int gsi(int slot, int pin) {
            return pirqGsis.get(slot + pin - 2 & pirqGsis.size() - 1);
        }
    }

    /**
     * A virtio device with memory-mapped registers.
     *
     * @param address of its registers, guest physical
     * @param size    of these in bytes
     * @param gsi     its interrupt, level-triggered, active high
     */
    public record VirtioMmio(int address, int size, int gsi) { }

    public PlatformDescription {
        if (cpus < 1 || cpus > MAX_CPUS) {
            throw new IllegalArgumentException("%d CPUs: must be 1 to %d".formatted(cpus, MAX_CPUS));
        }
        serialPorts = List.copyOf(serialPorts);
        virtioDevices = List.copyOf(virtioDevices);
    }

    /** Without PCI and virtio devices. */
    public PlatformDescription(int cpus, List<SerialPort> serialPorts, boolean keyboardController, boolean rtc) {
        this(cpus, serialPorts, keyboardController, rtc, Optional.empty(), List.of(), Optional.empty(), false,
                true, SmbiosSettings.NONE, false, AcpiSettings.DEFAULT);
    }

    /** True if a table is to tell the guest where the VM generation ID is. */
    boolean describesGenerationId() {
        return generationId && acpi && pci.isPresent();
    }

    /** True if the machine has this COM port. */
    public boolean has(SerialPort wanted) {
        for (SerialPort serial : serialPorts) {
            // A record's own equals is put together at its first call, which takes a tenth of the start-up.
            if (serial.port() == wanted.port()) {
                return true;
            }
        }
        return false;
    }

    /** The ISA interrupts that are level-triggered and active high. */
    Set<Integer> levelTriggered() {
        Set<Integer> gsis = new TreeSet<>(Set.of(SCI_GSI));
        pci.ifPresent(host -> gsis.addAll(host.pirqGsis()));
        return gsis;
    }

    /** A PC with a keyboard controller, a clock and the given COM ports. */
    public static PlatformDescription pc(int cpus, SerialPort... serialPorts) {
        return new PlatformDescription(cpus, List.of(serialPorts), true, true);
    }
}
