package jkvm.tables;

import java.util.Arrays;
import jkvm.memory.GuestMemory;

/**
 * Writes the tables that describe the machine to where a PC's firmware has them: pointers and tables in
 * {@code [0xF0000, 0x100000)}, large SMBIOS structures in the 64 KiB before, interrupt vectors, the BIOS data area, an
 * extended BIOS data area with nothing but the table that guests write to. The guest needs at least 1 MiB of RAM.
 */
public final class PlatformTables {
    private static final int ALIGNMENT = 16;
    /** SMBIOS structures of more bytes leave no room for the other tables. */
    private static final int MAX_SHARED = 16 << 10;
    /** The 64 KiB for these; no memory map calls them usable. */
    private static final long LARGE_START = 0xE0000;

    private final GuestMemory memory;
    private final long end;
    private long next;

    private PlatformTables(GuestMemory memory, long start, long end) {
        this.memory = memory;
        this.next = start;
        this.end = end;
    }

    /** After the VM generation ID, which the device keeps up to date, if there is one. */
    private static long firstFree(PlatformDescription platform) {
        return platform.describesGenerationId() ? GenerationIdTable.ADDRESS + GenerationIdTable.SIZE
                : MemoryMap.FIRMWARE_START;
    }

    /**
     * Writes all tables. The vCPUs do not run yet.
     *
     * @return the guest physical address of the ACPI root pointer (RSDP); zero if there is no ACPI
     */
    public static long install(GuestMemory memory, PlatformDescription platform) {
        long start = firstFree(platform);
        memory.fill(start, MemoryMap.FIRMWARE_END - start, (byte) 0);
        FirmwareTraces.install(memory, platform);
        return installBelow(memory, platform, FirmwareTraces.SEGMENT_START + FirmwareTraces.STUBS_OFFSET);
    }

    /**
     * Writes the tables only, without vectors and data areas, for a BIOS that has its own.
     *
     * @param end first address after the room for them in the F segment
     * @return as {@link #install}
     */
    public static long installBelow(GuestMemory memory, PlatformDescription platform, long end) {
        PlatformTables tables = new PlatformTables(memory, firstFree(platform), end);
        long rsdp = platform.acpi() ? tables.reserve(AcpiTables.RSDP_SIZE, ALIGNMENT) : 0;
        tables.smbios(platform);
        long mpTable = tables.put(MpTable.table(platform), ALIGNMENT);
        tables.put(MpTable.pointer(mpTable), ALIGNMENT);
        if (platform.acpi()) {
            tables.acpi(platform, rsdp);
        }
        return rsdp;
    }

    /** The length of the SMBIOS structures; those of the user's may exceed {@link SmbiosSettings#MAX_LENGTH}. */
    public static int smbiosLength(GuestMemory memory, PlatformDescription platform) {
        return Smbios.tables(platform, memory, false).structures().length;
    }

    private void smbios(PlatformDescription platform) {
        long entry = reserve(Smbios.ENTRY_SIZE, ALIGNMENT);
        Smbios.Tables tables = Smbios.tables(platform, memory, false);
        boolean isLarge = tables.structures().length > MAX_SHARED;
        long structures = isLarge ? LARGE_START : reserve(tables.structures().length, ALIGNMENT);
        memory.write(structures, tables.structures());
        memory.write(entry, tables.entryPoint(structures));
    }

    private void acpi(PlatformDescription platform, long rsdp) {
        long facs = MemoryMap.CONTROL_STRUCTURE;
        memory.write(facs, AcpiTables.facs());
        long dsdt = put(AcpiTables.dsdt(platform), ALIGNMENT);
        long fadt = put(AcpiTables.fadt(platform, facs, dsdt), ALIGNMENT);
        long madt = put(AcpiTables.madt(platform), ALIGNMENT);
        long[] all = {fadt, madt};
        if (platform.hpet()) {
            all = and(all, put(AcpiTables.hpet(), ALIGNMENT));
        }
        if (platform.describesGenerationId()) {
            all = and(all, put(GenerationIdTable.table((int) GenerationIdTable.ADDRESS), ALIGNMENT));
        }
        for (byte[] table : platform.acpiSettings().further(memory)) {
            all = and(all, put(table, ALIGNMENT));
        }
        long rsdt = put(AcpiTables.rsdt(all), ALIGNMENT);
        long xsdt = put(AcpiTables.xsdt(all), ALIGNMENT);
        memory.write(rsdp, AcpiTables.rsdp(rsdt, xsdt));
    }

    /** These tables and one more. */
    static long[] and(long[] tables, long table) {
        long[] all = Arrays.copyOf(tables, tables.length + 1);
        all[tables.length] = table;
        return all;
    }

    private long put(byte[] table, int alignment) {
        long address = reserve(table.length, alignment);
        memory.write(address, table);
        return address;
    }

    private long reserve(int size, int alignment) {
        long address = (next + alignment - 1) & -alignment;
        if (address + size > end) {
            throw new IllegalStateException("platform tables exceed the F segment");
        }
        next = address + size;
        return address;
    }
}
