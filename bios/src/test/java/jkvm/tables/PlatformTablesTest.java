package jkvm.tables;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlatformTablesTest {
    private static final int MIB = 1 << 20;
    private static final PlatformDescription PLATFORM = PlatformDescription.pc(2, PlatformDescription.COM1,
            PlatformDescription.COM2);

    private final GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(2 * MIB))));
    private long rsdp;

    @BeforeEach
    void setUp() {
        rsdp = PlatformTables.install(memory, PLATFORM);
    }

    @Test
    void shouldLetTheRootPointerBeFound() {
        assertEquals(rsdp, find("RSD PTR ", 0xE0000));
        assertEquals(2, memory.readByte(rsdp + 15));
        assertSumIsZero(rsdp, 20);
        assertSumIsZero(rsdp, 36);
    }

    @Test
    void shouldListTheSameTablesInBothRoots() {
        long rsdt = memory.readInt(rsdp + 16);
        long xsdt = memory.readLong(rsdp + 24);
        assertTable(rsdt, "RSDT");
        assertTable(xsdt, "XSDT");
        assertEquals(36 + 2 * 4, memory.readInt(rsdt + 4));
        assertEquals(36 + 2 * 8, memory.readInt(xsdt + 4));
        for (int i = 0; i < 2; i++) {
            assertEquals(memory.readInt(rsdt + 36 + 4 * i), memory.readLong(xsdt + 36 + 8 * i));
        }
    }

    @Test
    void shouldDescribeThePowerManagementBlock() {
        long fadt = acpi(0, "FACP");
        assertEquals(268, memory.readInt(fadt + 4));
        assertEquals(5, memory.readByte(fadt + 8));
        assertEquals(0, memory.readInt(fadt + 36) % 64);
        assertEquals("FACS", signature(memory.readInt(fadt + 36)));
        assertTable(memory.readInt(fadt + 40), "DSDT");
        assertEquals(memory.readInt(fadt + 40), memory.readLong(fadt + 140));
        assertEquals(9, memory.readShort(fadt + 46));
        assertEquals(0, memory.readInt(fadt + 48));
        assertEquals(0x600, memory.readInt(fadt + 56));
        assertEquals(0x604, memory.readInt(fadt + 64));
        assertEquals(0x608, memory.readInt(fadt + 76));
        assertEquals(0x32, memory.readByte(fadt + 108));
        assertEquals(0x7, memory.readShort(fadt + 109));
        assertEquals(0xCF9, memory.readLong(fadt + 120));
        assertEquals(0x0E, memory.readByte(fadt + 128));
        assertEquals(0x600, memory.readLong(fadt + 148 + 4));
        assertEquals(0x604, memory.readLong(fadt + 172 + 4));
        assertEquals(0x608, memory.readLong(fadt + 208 + 4));
    }

    @Test
    void shouldListCpusAndInterruptRoutes() {
        long madt = acpi(1, "APIC");
        byte[] entries = new byte[memory.readInt(madt + 4) - 44];
        memory.read(madt + 44, entries, 0, entries.length);
        assertEquals(0xFEE00000, memory.readInt(madt + 36));
        byte[] expected = {0, 8, 0, 0, 1, 0, 0, 0, 0, 8, 1, 1, 1, 0, 0, 0,
            1, 12, 0, 0, 0, 0, (byte) 0xC0, (byte) 0xFE, 0, 0, 0, 0,
            2, 10, 0, 0, 2, 0, 0, 0, 0, 0, 2, 10, 0, 9, 9, 0, 0, 0, 0xD, 0,
            4, 6, (byte) 0xFF, 0, 0, 1};
        assertArrayEquals(expected, entries);
    }

    @Test
    void shouldDescribeTheSameMachineInTheMpTable() {
        long pointer = find("_MP_", 0xF0000);
        assertSumIsZero(pointer, 16);
        long table = memory.readInt(pointer + 4);
        assertEquals("PCMP", signature(table));
        assertSumIsZero(table, memory.readShort(table + 4));
        assertEquals(2 + 1 + 1 + 15 + 2, memory.readShort(table + 34));
        assertEquals(44 + 2 * 20 + 19 * 8, memory.readShort(table + 4));
        assertEquals(3, memory.readByte(table + 44 + 3));
        assertEquals(1, memory.readByte(table + 64 + 1));
        assertEquals(1, memory.readByte(table + 64 + 3));
    }

    @Test
    void shouldShowTheUsersUuidInSmbiosOrder() {
        UUID uuid = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        PlatformTables.install(memory, new PlatformDescription(1, List.of(), true, true, Optional.empty(), List.of(),
                Optional.of(uuid), false, true, SmbiosSettings.NONE, false, AcpiSettings.DEFAULT));
        long system = memory.readInt(find("_SM_", 0xF0000) + 0x18);
        while (memory.readByte(system) != 1) {
            system += memory.readByte(system + 1);
            while (memory.readShort(system) != 0) {
                system++;
            }
            system += 2;
        }
        byte[] shown = new byte[16];
        memory.read(system + 8, shown, 0, shown.length);
        assertEquals("33221100554477668899aabbccddeeff", HexFormat.of().formatHex(shown));
    }

    @Test
    void shouldChainAllSmbiosStructuresToTheEnd() {
        long entry = find("_SM_", 0xF0000);
        assertSumIsZero(entry, 31);
        assertSumIsZero(entry + 16, 15);
        long at = memory.readInt(entry + 24);
        long end = at + memory.readShort(entry + 22);
        StringBuilder types = new StringBuilder();
        int count = 0;
        while (at < end) {
            types.append(memory.readByte(at)).append(' ');
            at += memory.readByte(at + 1);
            while (memory.readShort(at) != 0) {
                at++;
            }
            at += 2;
            count++;
        }
        assertEquals(end, at);
        assertEquals("0 1 3 4 16 17 19 32 127 ", types.toString());
        assertEquals(count, memory.readShort(entry + 28));
    }

    @Test
    void shouldFillTheBiosDataArea() {
        assertEquals((short) 0x9FC0, memory.readShort(0x40E));
        assertEquals(639, memory.readShort(0x413));
        assertEquals(1, memory.readByte(0x9FC00));
    }

    @Test
    void shouldHaveRoomForAsManyCpusAsThereCanBe() {
        PlatformTables.install(memory, PlatformDescription.pc(PlatformDescription.MAX_CPUS, PlatformDescription.COM1));

        assertTable(memory.readInt(acpi(0, "FACP") + 40), "DSDT");
        assertEquals(44 + 8 * 255 + 12 + 20 + 6, memory.readInt(acpi(1, "APIC") + 4));
        assertThrows(IllegalArgumentException.class, () -> PlatformDescription.pc(0));
        assertThrows(IllegalArgumentException.class, () -> PlatformDescription.pc(256));
    }

    @Test
    void shouldSatisfyTheAcpiCompiler(@TempDir Path folder) throws IOException, InterruptedException {
        assumeTrue(hasIasl(), "iasl is not installed (package acpica-tools)");
        String dsdt = disassemble(folder, "dsdt", memory.readInt(acpi(0, "FACP") + 40));
        assertTrue(dsdt.contains("Name (_HID, \"ACPI0007\""), dsdt);
        assertTrue(dsdt.contains("Name (_HID, EisaId (\"PNP0501\")"), dsdt);
        assertTrue(dsdt.contains("IRQNoFlags ()\n                    {4}"), dsdt);
        assertTrue(dsdt.contains("Name (\\_S5, Package (0x04)"), dsdt);
        assertTrue(dsdt.contains("Device (RTC)"), dsdt);
        assertTrue(dsdt.contains("Device (KBD)"), dsdt);
        assertTrue(dsdt.contains("\"QEMU0002\""), dsdt);
        assertTrue(disassemble(folder, "facp", acpi(0, "FACP")).contains("Reset Register Supported (V2) : 1"));
        assertTrue(disassemble(folder, "apic", acpi(1, "APIC")).contains("Local Apic ID : 01"));
        disassemble(folder, "facs", memory.readInt(acpi(0, "FACP") + 36));
        assertEquals(0, iasl(folder, "-ve", "-p", folder.resolve("again").toString(), "dsdt.dsl"), "compiling it");
    }

    @Test
    void shouldDescribeThePciBusAndVirtioDevices(@TempDir Path folder) throws IOException, InterruptedException {
        PlatformDescription platform = new PlatformDescription(1, List.of(), false, true,
                Optional.of(new PlatformDescription.PciHost(0xC0000000L, 0xFEC00000L, 0x180000000L, 0x200000000L,
                        List.of(10, 10, 11, 11))),
                List.of(new PlatformDescription.VirtioMmio(0xFEB00000, 0x200, 16)), Optional.empty(), true,
                true, SmbiosSettings.NONE, false, AcpiSettings.DEFAULT);
        PlatformTables.install(memory, platform);

        byte[] interrupts = new byte[memory.readInt(acpi(1, "APIC") + 4) - 44];
        memory.read(acpi(1, "APIC") + 44, interrupts, 0, interrupts.length);
        assertEquals("2 10 0 9 9 0 0 0 13 0 2 10 0 10 10 0 0 0 13 0 2 10 0 11 11 0 0 0 13 0", IntStream.range(30, 60)
                .mapToObj(i -> Byte.toString(interrupts[i])).collect(Collectors.joining(" ")), "level-triggered");
        assertTable(memory.readInt(acpi(0, "FACP") + 40), "DSDT");
        assumeTrue(hasIasl(), "iasl is not installed (package acpica-tools)");
        String dsdt = disassemble(folder, "dsdt", memory.readInt(acpi(0, "FACP") + 40))
                .replaceAll("\\s+|//.*|/\\*.*?\\*/", "");
        assertTrue(dsdt.contains("Name(_HID,EisaId(\"PNP0A03\")"), dsdt);
        assertTrue(dsdt.contains("Package(0x04){0x0005FFFF,Zero,Zero,0x0A}"), dsdt);
        assertTrue(dsdt.contains("0xC0000000,0xFEBFFFFF,0x00000000,0x3EC00000"), dsdt);
        assertTrue(dsdt.contains("QWordMemory(ResourceProducer,PosDecode,MinFixed,MaxFixed,Cacheable,ReadWrite,"
                + "0x0000000000000000,0x0000000180000000,0x00000001FFFFFFFF,0x0000000000000000,0x0000000080000000"),
                dsdt);
        assertTrue(dsdt.contains("Name(_HID,\"LNRO0005\")"), dsdt);
        assertTrue(dsdt.contains("Interrupt(ResourceConsumer,Level,ActiveHigh,Exclusive,,,){0x00000010,}"), dsdt);
        assertEquals(0, iasl(folder, "-ve", "-p", folder.resolve("again").toString(), "dsdt.dsl"), "compiling it");
    }

    @Test
    void shouldLetTheSystemPlugAndEjectPciDevices(@TempDir Path folder) throws IOException, InterruptedException {
        PlatformTables.install(memory, new PlatformDescription(1, List.of(), false, true,
                Optional.of(new PlatformDescription.PciHost(0xC0000000L, 0xFEC00000L, List.of(10, 10, 11, 11))),
                List.of(), Optional.empty(), false, true, SmbiosSettings.NONE, false, AcpiSettings.DEFAULT));

        long fadt = acpi(0, "FACP");
        assertEquals(0xAFE0, memory.readInt(fadt + 80));
        assertEquals(4, memory.readByte(fadt + 92));
        assertEquals(0x01_00_20_01, memory.readInt(fadt + 220), "32 bits of ports, read byte by byte");
        assertEquals(0xAFE0, memory.readLong(fadt + 224));
        assumeTrue(hasIasl(), "iasl is not installed (package acpica-tools)");
        String dsdt = disassemble(folder, "dsdt", memory.readInt(fadt + 40)).replaceAll("\\s+|//.*|/\\*.*?\\*/", "");
        assertTrue(dsdt.contains("OperationRegion(PCST,SystemIO,0xAE00,0x14)Field(PCST,DWordAcc,NoLock,WriteAsZeros)"
                + "{PCIU,32,PCID,32,B0EJ,32,RMVC,32,BNUM,32}Mutex(BLCK,0x00)"), dsdt);
        assertTrue(dsdt.contains("Method(PCEJ,1,NotSerialized){Acquire(BLCK,0xFFFF)BNUM=ZeroB0EJ=(One<<Arg0)"
                + "Release(BLCK)}"), dsdt);
        assertTrue(dsdt.contains("Device(S10){Name(_ADR,0x00020000)Name(_SUN,0x02)"
                + "Method(_EJ0,1,NotSerialized){PCEJ(_SUN)}}"), dsdt);
        assertTrue(dsdt.contains("Device(SF8){Name(_ADR,0x001F0000)Name(_SUN,0x1F)"), dsdt);
        assertTrue(dsdt.contains("If((Arg0&0x80000000)){Notify(SF8,Arg1)}"), dsdt);
        assertTrue(dsdt.contains("Method(PCNT,0,NotSerialized){BNUM=ZeroDVNT(PCIU,One)DVNT(PCID,0x03)}"), dsdt);
        assertTrue(dsdt.contains("Scope(\\_GPE){Method(_E01,0,NotSerialized){Acquire(\\_SB.PCI0.BLCK,0xFFFF)"
                + "\\_SB.PCI0.PCNT()Release(\\_SB.PCI0.BLCK)}}"), dsdt);
        assertTrue(!dsdt.contains("Device(S08)"), "the chipset stays");
        assertEquals(0, iasl(folder, "-ve", "-p", folder.resolve("again").toString(), "dsdt.dsl"), "compiling it");
    }

    @Test
    void shouldTellWhereTheGenerationIdIsAndKeepThatFree(@TempDir Path folder) throws Exception {
        memory.fill(GenerationIdTable.ADDRESS, 16, (byte) 7);
        rsdp = PlatformTables.install(memory, new PlatformDescription(255, List.of(), false, true,
                Optional.of(new PlatformDescription.PciHost(0xC0000000L, 0xFEC00000L, List.of(10, 10, 11, 11))),
                List.of(), Optional.empty(), false, true, SmbiosSettings.NONE, true, AcpiSettings.DEFAULT));

        assertEquals(0x0707070707070707L, memory.readLong(GenerationIdTable.ADDRESS + 8));
        long ssdt = acpi(2, "SSDT");
        assertEquals(GenerationIdTable.ADDRESS, memory.readInt(ssdt + memory.readInt(ssdt + 4) - 5));
        assumeTrue(hasIasl(), "iasl is not installed (package acpica-tools)");
        String text = disassemble(folder, "ssdt", ssdt).replaceAll("\\s+|//.*|/\\*.*?\\*/", "");
        assertTrue(text.contains("Scope(\\_GPE){Method(_E05,0,NotSerialized){Notify(\\_SB.VGEN,0x80)}}"), text);
        assertTrue(text.contains("Device(VGEN){Name(_HID,\"QEMUVGID\")Name(_CID,\"VM_Gen_Counter\")"
                + "Name(_DDN,\"VM_Gen_Counter\")Name(ADDR,Package(0x02){0x000F0000,Zero})}"), text);
        Path source = folder.resolve("ssdt.dsl");
        // QEMU's name, which its guests know, has letters where the compiler wants digits.
        Files.writeString(source, Files.readString(source).replace("QEMUVGID", "QEMU0000"));
        assertEquals(0, iasl(folder, "-ve", "-p", folder.resolve("again").toString(), "ssdt.dsl"), "compiling it");
    }

    @Test
    void shouldShowNoRoomBehindRamWhereThereIsNone() {
        byte[] without = PciAml.hostBridge(new PlatformDescription.PciHost(0xC0000000L, 0xFEC00000L,
                List.of(10, 10, 11, 11)));
        byte[] with = PciAml.hostBridge(new PlatformDescription.PciHost(0xC0000000L, 0xFEC00000L, 1L << 32, 6L << 30,
                List.of(10, 10, 11, 11)));
        assertEquals(46, with.length - without.length, "the descriptor's bytes");
    }

    private String disassemble(Path folder, String name, long table) throws IOException, InterruptedException {
        byte[] bytes = new byte[memory.readInt(table + 4)];
        memory.read(table, bytes, 0, bytes.length);
        Files.write(folder.resolve(name + ".dat"), bytes);
        assertEquals(0, iasl(folder, "-d", name + ".dat"), name);
        String text = Files.readString(folder.resolve(name + ".dsl"));
        assertTrue(!text.contains("Error") && !text.contains("Incorrect checksum"), text);
        return text;
    }

    private static int iasl(Path folder, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("iasl");
        builder.command().addAll(List.of(arguments));
        return builder.directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("iasl.log").toFile()).start().waitFor();
    }

    private static boolean hasIasl() throws InterruptedException {
        try {
            return new ProcessBuilder("iasl", "-v").redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private long acpi(int index, String signature) {
        long table = memory.readLong(memory.readLong(rsdp + 24) + 36 + 8 * index);
        assertTable(table, signature);
        return table;
    }

    private void assertTable(long address, String signature) {
        assertEquals(signature, signature(address));
        assertSumIsZero(address, memory.readInt(address + 4));
    }

    private String signature(long address) {
        byte[] bytes = new byte[4];
        memory.read(address, bytes, 0, 4);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private void assertSumIsZero(long address, int length) {
        byte sum = 0;
        for (int i = 0; i < length; i++) {
            sum += memory.readByte(address + i);
        }
        assertEquals(0, sum);
    }

    /** Looks for an anchor at multiples of 16, as guests do. */
    private long find(String anchor, long start) {
        byte[] bytes = new byte[anchor.length()];
        for (long at = start; at < 0x100000; at += 16) {
            memory.read(at, bytes, 0, bytes.length);
            if (anchor.equals(new String(bytes, StandardCharsets.US_ASCII))) {
                return at;
            }
        }
        throw new AssertionError(anchor + " not found");
    }

    @Test
    void shouldTellOfNumaNodesAndTakeTablesOfTheUser() {
        byte[] own = AcpiTables.finish(AcpiTables.header("TEST", 1).u32(42));
        NumaSettings numa = new NumaSettings(List.of(1L << 20, memory.size() - (1 << 20)), List.of(1, 0),
                List.of(List.of(10, 30), List.of(30, 10)));
        rsdp = PlatformTables.install(memory, new PlatformDescription(2, List.of(), false, true, Optional.empty(),
                List.of(), Optional.empty(), false, true, SmbiosSettings.NONE, false,
                new AcpiSettings(SleepStates.NONE, List.of(own), Optional.of(numa))));

        assertEquals(42, memory.readInt(acpi(4, "TEST") + 36));
        long affinity = acpi(2, "SRAT");
        assertEquals(48 + 2 * 16 + 2 * 40, memory.readInt(affinity + 4));
        assertEquals(1, memory.readByte(affinity + 48 + 2), "the first processor's node");
        long second = affinity + 48 + 2 * 16 + 40;
        assertEquals(1, memory.readInt(second + 2));
        assertEquals(1 << 20, memory.readLong(second + 8));
        assertEquals(memory.size() - (1 << 20), memory.readLong(second + 16));
        long distances = acpi(3, "SLIT");
        assertEquals(2, memory.readLong(distances + 36));
        assertEquals(0x0A1E1E0A, memory.readInt(distances + 44));
    }
}
