package jkvm.tables;

import java.util.ArrayList;
import java.util.List;
import jkvm.tables.PlatformDescription.SerialPort;

/** The bytes of the ACPI tables (ACPI 6.4 chapter 5). Tables that point to others are given these addresses. */
final class AcpiTables {
    static final int RSDP_SIZE = 36;
    static final int FACS_SIZE = 64;

    private static final int HEADER_LENGTH_OFFSET = 4;
    private static final int HEADER_CHECKSUM_OFFSET = 9;
    private static final int HEADER_SIZE = 36;
    private static final String OEM_ID = "JKVM  ";
    private static final String OEM_TABLE_ID = "JKVMPC  ";

    private static final int FADT_SIZE = 268;
    private static final int LEGACY_DEVICES = 1;
    private static final int KEYBOARD_CONTROLLER = 1 << 1;
    private static final int NO_VGA = 1 << 2;
    private static final int NO_CMOS_RTC = 1 << 5;
    private static final int WBINVD = 1;
    private static final int PROC_C1 = 1 << 2;
    private static final int NO_FIXED_SLEEP_BUTTON = 1 << 5;
    private static final int NO_FIXED_RTC_WAKE = 1 << 6;
    private static final int RTC_WAKES_FROM_S4 = 1 << 7;
    private static final int RESET_REG_SUP = 1 << 10;
    private static final int CENTURY_REGISTER = 0x32;
    /** Latencies that mean: there is no such state. */
    private static final int NO_C2 = 0xFFF;
    private static final int NO_C3 = 0xFFF;
    private static final int SYSTEM_MEMORY = 0;
    private static final int SYSTEM_IO = 1;

    /** The firmware configuration device with its DMA register, not shown to users. */
    private static final int FW_CFG_PORT = 0x510;
    private static final int FW_CFG_PORTS = 12;
    private static final int RTC_PORT = 0x70;
    /** As many as QEMU declares: a system that sees more than two offers 242 bytes of nvram and not 114. */
    private static final int RTC_PORTS = 8;
    private static final int PRESENT_AND_ENABLED = 0xB;

    private static final int PCAT_COMPAT = 1;
    private static final int LEVEL_ACTIVE_HIGH = 0xD;
    private static final int ALL_PROCESSORS = 0xFF;
    private static final int LINT1 = 1;

    private AcpiTables() {
    }

    /** The root pointer, revision 2. */
    static byte[] rsdp(long rsdt, long xsdt) {
        TableWriter out = new TableWriter();
        out.ascii("RSD PTR ").u8(0).ascii(OEM_ID).u8(2).u32(rsdt);
        out.u32(RSDP_SIZE).u64(xsdt).u8(0).zeros(3);
        out.patchChecksum(8, 0, 20);
        out.patchChecksum(32, 0, RSDP_SIZE);
        return out.toBytes();
    }

    static byte[] rsdt(long... tables) {
        TableWriter out = header("RSDT", 1);
        for (long table : tables) {
            out.u32(table);
        }
        return finish(out);
    }

    static byte[] xsdt(long... tables) {
        TableWriter out = header("XSDT", 1);
        for (long table : tables) {
            out.u64(table);
        }
        return finish(out);
    }

    /** The firmware control structure, version 2; must lie at a multiple of 64. */
    static byte[] facs() {
        return new TableWriter().ascii("FACS").u32(FACS_SIZE).zeros(24).u8(2).zeros(31).toBytes();
    }

    /** The fixed description, revision 5; no SMI command, since the machine is always in ACPI mode. */
    static byte[] fadt(PlatformDescription platform, long facs, long dsdt) {
        TableWriter out = header("FACP", 5);
        out.u32(facs).u32(dsdt).u8(0).u8(0).u16(PlatformDescription.SCI_GSI);
        out.u32(0).zeros(4);
        out.u32(PlatformDescription.PM1A_EVENT_PORT).u32(0).u32(PlatformDescription.PM1A_CONTROL_PORT).u32(0);
        boolean hasEvents = platform.pci().isPresent();
        out.u32(0).u32(PlatformDescription.PM_TIMER_PORT).u32(hasEvents ? PlatformDescription.GPE0_PORT : 0).u32(0);
        out.u8(4).u8(2).u8(0).u8(4).u8(hasEvents ? PlatformDescription.GPE0_PORTS : 0).u8(0).u8(0).u8(0);
        out.u16(NO_C2).u16(NO_C3).u16(0).u16(0).u8(0).u8(0);
        out.u8(0).u8(0).u8(platform.rtc() ? CENTURY_REGISTER : 0);
        out.u16(LEGACY_DEVICES | NO_VGA | (platform.keyboardController() ? KEYBOARD_CONTROLLER : 0)
                | (platform.rtc() ? 0 : NO_CMOS_RTC)).u8(0);
        out.u32(WBINVD | PROC_C1 | NO_FIXED_SLEEP_BUTTON | RESET_REG_SUP
                | (platform.acpiSettings().sleep().s3() ? RTC_WAKES_FROM_S4 : NO_FIXED_RTC_WAKE));
        ioRegister(out, PlatformDescription.RESET_PORT, 1).u8(PlatformDescription.RESET_VALUE).u16(0).u8(0);
        // The 64-bit table addresses: FACS only in its 32-bit field, as the specification wants it.
        out.u64(0).u64(dsdt);
        ioRegister(out, PlatformDescription.PM1A_EVENT_PORT, 4);
        noRegister(out);
        ioRegister(out, PlatformDescription.PM1A_CONTROL_PORT, 2);
        noRegister(noRegister(out));
        ioRegister(out, PlatformDescription.PM_TIMER_PORT, 4);
        if (hasEvents) {
            ioRegister(out, PlatformDescription.GPE0_PORT, PlatformDescription.GPE0_PORTS);
        } else {
            noRegister(out);
        }
        noRegister(noRegister(noRegister(out)));
        if (out.size() != FADT_SIZE) {
            throw new IllegalStateException("FADT of " + out.size() + " bytes");
        }
        return finish(out);
    }

    /** The interrupt controllers, CPU by CPU, and how ISA interrupts reach the IOAPIC. */
    static byte[] madt(PlatformDescription platform) {
        TableWriter out = header("APIC", 3);
        out.u32(PlatformDescription.LAPIC_ADDRESS).u32(PCAT_COMPAT);
        for (int cpu = 0; cpu < platform.cpus(); cpu++) {
            out.u8(0).u8(8).u8(cpu).u8(cpu).u32(1);
        }
        out.u8(1).u8(12).u8(PlatformDescription.IOAPIC_ID).u8(0).u32(PlatformDescription.IOAPIC_ADDRESS).u32(0);
        out.u8(2).u8(10).u8(0).u8(0).u32(PlatformDescription.TIMER_GSI).u16(0);
        for (int gsi : platform.levelTriggered()) {
            out.u8(2).u8(10).u8(0).u8(gsi).u32(gsi).u16(LEVEL_ACTIVE_HIGH);
        }
        out.u8(4).u8(6).u8(ALL_PROCESSORS).u16(0).u8(LINT1);
        return finish(out);
    }

    /** The high precision event timer (IA-PC HPET specification, 3.2.4): the first, at any period. */
    static byte[] hpet() {
        TableWriter out = header("HPET", 1);
        out.u32(PlatformDescription.HPET_BLOCK_ID);
        out.u8(SYSTEM_MEMORY).u8(0).u8(0).u8(0).u64(PlatformDescription.HPET_ADDRESS & 0xFFFFFFFFL);
        out.u8(0).u16(0).u8(0);
        return finish(out);
    }

    /** The namespace: processors, COM ports, clock, keyboard, PCI, virtio devices, fw_cfg, sleep states. */
    static byte[] dsdt(PlatformDescription platform) {
        List<byte[]> devices = new ArrayList<>();
        for (int cpu = 0; cpu < platform.cpus(); cpu++) {
            devices.add(Aml.device("C%03X".formatted(cpu), Aml.name("_HID", Aml.string("ACPI0007")),
                    Aml.name("_UID", Aml.integer(cpu))));
        }
        int number = 1;
        for (SerialPort port : platform.serialPorts()) {
            devices.add(Aml.device("COM" + number, Aml.name("_HID", Aml.eisaId("PNP0501")),
                    Aml.name("_UID", Aml.integer(number)),
                    Aml.name("_CRS", Aml.resources(Aml.io(port.port(), 8), Aml.irq(port.irq())))));
            number++;
        }
        if (platform.rtc()) {
            devices.add(Aml.device("RTC", Aml.name("_HID", Aml.eisaId("PNP0B00")),
                    Aml.name("_CRS", Aml.resources(Aml.io(RTC_PORT, RTC_PORTS), Aml.irq(8)))));
        }
        if (platform.hpet()) {
            devices.add(Aml.device("HPET", Aml.name("_HID", Aml.eisaId("PNP0103")), Aml.name("_UID", Aml.integer(0)),
                    Aml.name("_CRS", Aml.resources(Aml.memory32(PlatformDescription.HPET_ADDRESS,
                            PlatformDescription.HPET_SIZE)))));
        }
        if (platform.keyboardController()) {
            devices.add(Aml.device("KBD", Aml.name("_HID", Aml.eisaId("PNP0303")),
                    Aml.name("_CRS", Aml.resources(Aml.io(0x60, 1), Aml.io(0x64, 1), Aml.irq(1)))));
            devices.add(Aml.device("MOU", Aml.name("_HID", Aml.eisaId("PNP0F13")),
                    Aml.name("_CRS", Aml.resources(Aml.irq(12)))));
        }
        devices.add(Aml.device("FWCF", Aml.name("_HID", Aml.string("QEMU0002")),
                Aml.name("_STA", Aml.integer(PRESENT_AND_ENABLED)),
                Aml.name("_CRS", Aml.resources(Aml.io(FW_CFG_PORT, FW_CFG_PORTS)))));
        platform.pci().ifPresent(host -> {
            devices.add(PciAml.hostBridge(host, HotplugAml.slots()));
            devices.addAll(List.of(HotplugAml.resources()));
        });
        for (int i = 0; i < platform.virtioDevices().size(); i++) {
            PlatformDescription.VirtioMmio device = platform.virtioDevices().get(i);
            devices.add(Aml.device("VR%02X".formatted(i), Aml.name("_HID", Aml.string("LNRO0005")),
                    Aml.name("_UID", Aml.integer(i)), Aml.name("_CCA", Aml.integer(1)), Aml.name("_CRS", Aml.resources(
                            Aml.memory32(device.address(), device.size()), Aml.levelInterrupt(device.gsi())))));
        }
        TableWriter out = header("DSDT", 2);
        out.bytes(Aml.scope("\\_SB", devices.toArray(byte[][]::new)));
        if (platform.pci().isPresent()) {
            out.bytes(HotplugAml.event());
        }
        if (platform.acpiSettings().sleep().s3()) {
            out.bytes(sleepState("\\_S3", PlatformDescription.S3_SLEEP_TYPE));
        }
        if (platform.acpiSettings().sleep().s4()) {
            out.bytes(sleepState("\\_S4", PlatformDescription.S4_SLEEP_TYPE));
        }
        out.bytes(sleepState("\\_S5", PlatformDescription.S5_SLEEP_TYPE));
        return finish(out);
    }

    private static byte[] sleepState(String name, int type) {
        byte[] number = Aml.integer(type);
        return Aml.name(name, Aml.packageOf(number, number, Aml.integer(0), Aml.integer(0)));
    }

    static TableWriter header(String signature, int revision) {
        TableWriter out = new TableWriter().ascii(signature).u32(0).u8(revision).u8(0);
        return out.ascii(OEM_ID).ascii(OEM_TABLE_ID).u32(1).ascii("JKVM").u32(1);
    }

    static byte[] finish(TableWriter out) {
        if (out.size() < HEADER_SIZE) {
            throw new IllegalStateException("table without a header");
        }
        out.patch32(HEADER_LENGTH_OFFSET, out.size());
        out.patchChecksum(HEADER_CHECKSUM_OFFSET, 0, out.size());
        return out.toBytes();
    }

    /** A generic address structure for a register of {@code bytes} bytes at an I/O port. */
    private static TableWriter ioRegister(TableWriter out, int port, int bytes) {
        // Access sizes count from 1 for a byte; PM1 event registers are two of 16 bits and take accesses of that size,
        // general-purpose event registers have 8 bits.
        int accessSize = switch (port) {
            case PlatformDescription.PM_TIMER_PORT -> 3;
            case PlatformDescription.GPE0_PORT -> 1;
            default -> Math.min(bytes, 2);
        };
        return out.u8(SYSTEM_IO).u8(8 * bytes).u8(0).u8(accessSize).u64(port);
    }

    private static TableWriter noRegister(TableWriter out) {
        return out.zeros(12);
    }
}
