package jkvm.tables;

import java.util.List;
import java.util.UUID;

/** The SMBIOS tables (DMTF DSP0134, version 2.8): the machine's maker, its CPUs and its memory. */
final class Smbios {
    static final int ENTRY_SIZE = 31;

    private static final UUID NO_UUID = new UUID(0, 0);
    private static final int HANDLE_MEMORY_ARRAY = 0x1000;
    private static final int OTHER = 1;
    private static final long MIB = 1 << 20;
    private static final long KIB = 1 << 10;
    /** A 16-bit size of this value means: look at the 32-bit one. */
    private static final int EXTENDED_SIZE = 0x7FFF;
    private static final int NO_HANDLE = 0xFFFE;
    private static final int EXTENDED_CAPACITY = 0x80000000;

    private final TableWriter out = new TableWriter();
    private int structures;
    private int largest;
    private int start;

    private Smbios() {
    }

    /** The tables' content and the entry point that describes it. */
    record Tables(byte[] structures, int count, int largest) {
        /** The entry point, when the structures are at {@code address}; must lie at a multiple of 16. */
        byte[] entryPoint(long address) {
            TableWriter out = new TableWriter();
            out.ascii("_SM_").u8(0).u8(ENTRY_SIZE).u8(2).u8(8).u16(largest).u8(0).zeros(5);
            out.ascii("_DMI_").u8(0).u16(structures.length).u32(address).u16(count).u8(0x28);
            out.patchChecksum(21, 16, ENTRY_SIZE);
            out.patchChecksum(4, 0, ENTRY_SIZE);
            return out.toBytes();
        }
    }

    /** @param memorySize the guest's RAM in bytes */
    static Tables tables(PlatformDescription platform, long memorySize) {
        Smbios smbios = new Smbios();
        smbios.firmware();
        smbios.system(platform.uuid().orElse(NO_UUID));
        smbios.processor(platform.cpus());
        smbios.memoryArray(memorySize);
        smbios.memoryDevice(memorySize);
        smbios.bootInformation();
        smbios.begin(127, 0x7F00);
        smbios.end(List.of());
        return new Tables(smbios.out.toBytes(), smbios.structures, smbios.largest);
    }

    private void firmware() {
        long characteristicsNotSupported = 1 << 3;
        int isVirtualMachine = 1 << 4;
        begin(0, 0).u8(1).u8(2).u16(0xF000).u8(3).u8(0).u64(characteristicsNotSupported).u8(0).u8(isVirtualMachine);
        // Releases of the firmware and of an embedded controller that is not there.
        out.u8(0).u8(0).u8(0xFF).u8(0xFF);
        end(List.of("jkvm", "1", "01/01/2025"));
    }

    /**
     * The number's first three fields are little-endian, its other bytes as they are written (SMBIOS 2.8 section
     * 7.2.1).
     */
    private void system(UUID uuid) {
        int wokenByPowerSwitch = 6;
        long high = uuid.getMostSignificantBits();
        begin(1, 0x100).u8(1).u8(2).u8(3).u8(0).u32(high >>> 32).u16((int) (high >>> 16) & 0xFFFF)
                .u16((int) high & 0xFFFF)
                .u64(Long.reverseBytes(uuid.getLeastSignificantBits())).u8(wokenByPowerSwitch).u8(0).u8(4);
        end(List.of("jkvm", "jkvm PC", "1", "Virtual Machine"));
    }

    /** One socket with all CPUs as its cores. */
    private void processor(int cpus) {
        int centralProcessor = 3;
        int populatedAndEnabled = 0x41;
        begin(4, 0x400).u8(1).u8(centralProcessor).u8(OTHER).u8(2).u64(0).u8(3).u8(0);
        out.u16(0).u16(0).u16(0).u8(populatedAndEnabled).u8(OTHER);
        // No cache structures; no serial number, asset tag or part number.
        out.u16(0xFFFF).u16(0xFFFF).u16(0xFFFF).u8(0).u8(0).u8(0);
        int is64Bit = 1 << 2;
        out.u8(cpus).u8(cpus).u8(cpus).u16(is64Bit).u16(OTHER);
        end(List.of("CPU 0", "jkvm", "1"));
    }

    private void memoryArray(long size) {
        int systemMemory = 3;
        int multiBitEcc = 6;
        boolean fits = size / KIB < Integer.toUnsignedLong(EXTENDED_CAPACITY);
        begin(16, HANDLE_MEMORY_ARRAY).u8(OTHER).u8(systemMemory).u8(multiBitEcc);
        out.u32(fits ? size / KIB : EXTENDED_CAPACITY).u16(NO_HANDLE).u16(1).u64(fits ? 0 : size);
        end(List.of());
    }

    private void memoryDevice(long size) {
        int dimm = 9;
        int ram = 7;
        int otherDetail = 1 << 1;
        long mib = size / MIB;
        begin(17, HANDLE_MEMORY_ARRAY + 0x100).u16(HANDLE_MEMORY_ARRAY).u16(NO_HANDLE).u16(0xFFFF).u16(0xFFFF);
        out.u16((int) Math.min(mib, EXTENDED_SIZE)).u8(dimm).u8(0).u8(1).u8(0).u8(ram).u16(otherDetail).u16(0);
        out.u8(2).u8(0).u8(0).u8(0).u8(0).u32(mib < EXTENDED_SIZE ? 0 : mib).u16(0).u16(0).u16(0).u16(0);
        end(List.of("DIMM 0", "jkvm"));
    }

    private void bootInformation() {
        begin(32, 0x2000).zeros(6).u8(0);
        end(List.of());
    }

    private TableWriter begin(int type, int handle) {
        start = out.size();
        return out.u8(type).u8(0).u16(handle);
    }

    /** Ends a structure with its strings, which its fields name by number from one on. */
    private void end(List<String> strings) {
        out.patch8(start + 1, out.size() - start);
        for (String string : strings) {
            out.ascii(string).u8(0);
        }
        out.zeros(strings.isEmpty() ? 2 : 1);
        largest = Math.max(largest, out.size() - start);
        structures++;
    }
}
