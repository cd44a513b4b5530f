package jkvm.tables;

import java.util.LinkedHashMap;
import java.util.Map;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.vm.KvmLayout;

/**
 * Describes the machine to firmware written for QEMU, by files of the firmware configuration device: memory, ACPI and
 * SMBIOS tables with the commands that place and join them, sleep states.
 */
public final class FirmwareFiles {
    static final String MEMORY_MAP = "etc/e820";
    static final String ACPI_TABLES = "etc/acpi/tables";
    static final String ACPI_RSDP = "etc/acpi/rsdp";
    static final String SMBIOS_ANCHOR = "etc/smbios/smbios-anchor";
    static final String SMBIOS_TABLES = "etc/smbios/smbios-tables";
    static final String SLEEP_STATES = "etc/system-states";

    private static final int TABLE_ALIGNMENT = 16;
    private static final int FILE_ALIGNMENT = 64;
    private static final int CHECKSUM_OFFSET = 9;
    private static final int FADT_FACS_OFFSET = 36;
    private static final int FADT_DSDT_OFFSET = 40;
    private static final int FADT_X_DSDT_OFFSET = 140;
    private static final int ROOT_ENTRIES_OFFSET = 36;
    private static final int RSDP_CHECKSUM_OFFSET = 8;
    private static final int RSDP_CHECKSUM_LENGTH = 20;
    private static final int RSDP_RSDT_OFFSET = 16;
    private static final int RSDP_XSDT_OFFSET = 24;
    private static final int RSDP_EXTENDED_CHECKSUM_OFFSET = 32;
    /** In a sleep state's byte: the machine has it. The low bits are its SLP_TYP. */
    private static final int SUPPORTED_BIT = 0x80;

    private final TableWriter tables = new TableWriter();
    private final TableLoader loader = new TableLoader();

    private FirmwareFiles() {
    }

    /** The files, by name. */
    public static Map<String, byte[]> of(GuestMemory memory, PlatformDescription platform) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(MEMORY_MAP, memoryMap(memory));
        if (platform.acpi()) {
            new FirmwareFiles().acpi(platform, memory, files);
            files.put(SLEEP_STATES, sleepStates(platform.acpiSettings().sleep()));
        }
        Smbios.Tables smbios = Smbios.tables(platform, memory, true);
        files.put(SMBIOS_TABLES, smbios.structures());
        files.put(SMBIOS_ANCHOR, smbios.anchor());
        return files;
    }

    /** RAM, and what KVM keeps; firmware adds what it takes for itself. */
    private static byte[] memoryMap(GuestMemory memory) {
        TableWriter out = new TableWriter();
        for (MemoryRegion region : memory.regions()) {
            out.u64(region.start()).u64(region.size()).u32(MemoryMap.USABLE);
        }
        out.u64(KvmLayout.IDENTITY_MAP_ADDRESS).u64(KvmLayout.END - KvmLayout.IDENTITY_MAP_ADDRESS);
        return out.u32(MemoryMap.RESERVED).toBytes();
    }

    /** For S0 to S5. */
    private static byte[] sleepStates(SleepStates sleep) {
        return new TableWriter().u8(SUPPORTED_BIT).u8(0).u8(0)
                .u8((sleep.s3() ? SUPPORTED_BIT : 0) | PlatformDescription.S3_SLEEP_TYPE)
                .u8((sleep.s4() ? SUPPORTED_BIT : 0) | PlatformDescription.S4_SLEEP_TYPE)
                .u8(SUPPORTED_BIT | PlatformDescription.S5_SLEEP_TYPE).toBytes();
    }

    /** Pointers hold offsets in the file that they point into, until the firmware knows where it put that file. */
    private void acpi(PlatformDescription platform, GuestMemory memory, Map<String, byte[]> files) {
        loader.allocate(ACPI_TABLES, FILE_ALIGNMENT, TableLoader.HIGH_MEMORY);
        int facs = append(AcpiTables.facs());
        int dsdt = append(AcpiTables.dsdt(platform));
        checksum(dsdt);
        int fadt = append(AcpiTables.fadt(platform, facs, dsdt));
        pointer(fadt + FADT_FACS_OFFSET, Integer.BYTES);
        pointer(fadt + FADT_DSDT_OFFSET, Integer.BYTES);
        pointer(fadt + FADT_X_DSDT_OFFSET, Long.BYTES);
        checksum(fadt);
        int madt = append(AcpiTables.madt(platform));
        checksum(madt);
        long[] all = {fadt, madt};
        if (platform.hpet()) {
            int hpet = append(AcpiTables.hpet());
            checksum(hpet);
            all = PlatformTables.and(all, hpet);
        }
        if (platform.describesGenerationId()) {
            all = PlatformTables.and(all, generationId());
        }
        for (byte[] table : platform.acpiSettings().further(memory)) {
            int further = append(table);
            checksum(further);
            all = PlatformTables.and(all, further);
        }
        int rsdt = root(AcpiTables.rsdt(all), Integer.BYTES);
        int xsdt = root(AcpiTables.xsdt(all), Long.BYTES);

        TableWriter rsdp = new TableWriter().bytes(AcpiTables.rsdp(rsdt, xsdt));
        rsdp.patch8(RSDP_CHECKSUM_OFFSET, 0);
        rsdp.patch8(RSDP_EXTENDED_CHECKSUM_OFFSET, 0);
        loader.allocate(ACPI_RSDP, TABLE_ALIGNMENT, TableLoader.F_SEGMENT);
        loader.addPointer(ACPI_RSDP, ACPI_TABLES, RSDP_RSDT_OFFSET, Integer.BYTES);
        loader.addPointer(ACPI_RSDP, ACPI_TABLES, RSDP_XSDT_OFFSET, Long.BYTES);
        loader.addChecksum(ACPI_RSDP, RSDP_CHECKSUM_OFFSET, 0, RSDP_CHECKSUM_LENGTH);
        loader.addChecksum(ACPI_RSDP, RSDP_EXTENDED_CHECKSUM_OFFSET, 0, AcpiTables.RSDP_SIZE);
        files.put(ACPI_TABLES, tables.toBytes());
        files.put(ACPI_RSDP, rsdp.toBytes());
        files.put(TableLoader.FILE, loader.toBytes());
    }

    /** The ID's table; the device has the files. */
    private int generationId() {
        byte[] table = GenerationIdTable.table(GenerationIdTable.FILE_OFFSET);
        int offset = append(table);
        loader.allocate(GenerationIdTable.ID_FILE, GenerationIdTable.FILE_SIZE, TableLoader.HIGH_MEMORY);
        loader.addPointer(ACPI_TABLES, GenerationIdTable.ID_FILE, offset + GenerationIdTable.addressOffset(table),
                Integer.BYTES);
        checksum(offset);
        loader.writePointer(GenerationIdTable.ADDRESS_FILE, GenerationIdTable.ID_FILE, GenerationIdTable.FILE_OFFSET);
        return offset;
    }

    private int append(byte[] table) {
        tables.zeros(-tables.size() & TABLE_ALIGNMENT - 1);
        int offset = tables.size();
        tables.bytes(table);
        return offset;
    }

    private int root(byte[] table, int pointerSize) {
        int offset = append(table);
        for (int entry = offset + ROOT_ENTRIES_OFFSET; entry < tables.size(); entry += pointerSize) {
            pointer(entry, pointerSize);
        }
        checksum(offset);
        return offset;
    }

    private void pointer(int offset, int size) {
        loader.addPointer(ACPI_TABLES, ACPI_TABLES, offset, size);
    }

    /** The table that begins at {@code offset} and is the last so far gets its checksum from the firmware. */
    private void checksum(int offset) {
        tables.patch8(offset + CHECKSUM_OFFSET, 0);
        loader.addChecksum(ACPI_TABLES, offset + CHECKSUM_OFFSET, offset, tables.size() - offset);
    }
}
