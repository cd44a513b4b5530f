package jkvm.tables;

/** The MultiProcessor table (Intel MultiProcessor Specification 1.4), for guests that know no ACPI. */
final class MpTable {
    private static final int LENGTH_OFFSET = 4;
    private static final int CHECKSUM_OFFSET = 7;
    private static final int COUNT_OFFSET = 34;
    private static final int SPECIFICATION = 4;
    private static final int LAPIC_VERSION = 0x14;
    private static final int IOAPIC_VERSION = 0x11;
    private static final int ENABLED = 1;
    private static final int BOOTSTRAP = 2;
    private static final int CPU_SIGNATURE = 0x600;
    private static final int FPU_AND_APIC = 0x201;
    private static final int ISA_BUS = 0;
    private static final int ISA_INTERRUPTS = 16;
    private static final int CASCADE_IRQ = 2;
    private static final int INTERRUPT = 0;
    private static final int NMI = 1;
    private static final int EXTERNAL = 3;
    private static final int LEVEL_ACTIVE_HIGH = 0xD;
    private static final int ALL_LAPICS = 0xFF;

    private MpTable() {
    }

    /** The floating pointer; a guest looks for it at multiples of 16. */
    static byte[] pointer(long table) {
        TableWriter out = new TableWriter();
        out.ascii("_MP_").u32(table).u8(1).u8(SPECIFICATION).u8(0).zeros(5);
        out.patchChecksum(10, 0, out.size());
        return out.toBytes();
    }

    static byte[] table(PlatformDescription platform) {
        int cpus = platform.cpus();
        TableWriter out = new TableWriter();
        out.ascii("PCMP").u16(0).u8(SPECIFICATION).u8(0).ascii("JKVM    ").ascii("PC          ");
        out.u32(0).u16(0).u16(0).u32(PlatformDescription.LAPIC_ADDRESS).u16(0).u8(0).u8(0);
        for (int cpu = 0; cpu < cpus; cpu++) {
            out.u8(0).u8(cpu).u8(LAPIC_VERSION).u8(cpu == 0 ? ENABLED | BOOTSTRAP : ENABLED);
            out.u32(CPU_SIGNATURE).u32(FPU_AND_APIC).u64(0);
        }
        out.u8(1).u8(ISA_BUS).ascii("ISA   ");
        out.u8(2).u8(PlatformDescription.IOAPIC_ID).u8(IOAPIC_VERSION).u8(ENABLED);
        out.u32(PlatformDescription.IOAPIC_ADDRESS);
        int entries = cpus + 2;
        for (int irq = 0; irq < ISA_INTERRUPTS; irq++) {
            if (irq != CASCADE_IRQ) {
                int pin = irq == 0 ? PlatformDescription.TIMER_GSI : irq;
                int flags = platform.levelTriggered().contains(irq) ? LEVEL_ACTIVE_HIGH : 0;
                assignment(out, 3, INTERRUPT, flags, irq, PlatformDescription.IOAPIC_ID, pin);
                entries++;
            }
        }
        assignment(out, 4, EXTERNAL, 0, 0, ALL_LAPICS, 0);
        assignment(out, 4, NMI, 0, 0, ALL_LAPICS, 1);
        out.patch16(COUNT_OFFSET, entries + 2);
        out.patch16(LENGTH_OFFSET, out.size());
        out.patchChecksum(CHECKSUM_OFFSET, 0, out.size());
        return out.toBytes();
    }

    private static void assignment(TableWriter out, int entryType, int interruptType, int flags, int irq, int apic,
            int pin) {
        out.u8(entryType).u8(interruptType).u16(flags).u8(ISA_BUS).u8(irq).u8(apic).u8(pin);
    }
}
