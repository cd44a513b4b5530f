package jkvm.boot;

import static jkvm.boot.BootFixture.MIB;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElfLoaderTest {
    private static final byte[] CODE = {(byte) 0x90, (byte) 0xF4};
    private static final int ENTRY = 0x100000;
    private static final StartRegisters REGISTERS = new StartRegisters(0, 0x6000, 0, 0, 0x8FF0);

    @TempDir
    private Path folder;
    private BootFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new BootFixture(folder, 4 * MIB);
    }

    @Test
    void shouldStartElf64InLongModeAndClearWhatTheFileDoesNotFill() {
        fixture.memory().fill(ENTRY, 0x1000, (byte) 0x55);

        EntryState state = fixture.boot(ElfBuilder.elf64().entry(ENTRY + 1).load(ENTRY, ENTRY, CODE, 0x100).build());

        assertEquals(EntryStates.long64(ENTRY + 1, REGISTERS), state);
        assertArrayEquals(new byte[] {(byte) 0x90, (byte) 0xF4, 0, 0}, fixture.bytes(ENTRY, 4));
        assertEquals(0, fixture.memory().readByte(ENTRY + 0xFF));
        assertEquals(0x55, fixture.memory().readByte(ENTRY + 0x100));
    }

    @Test
    void shouldStartElf32InProtectedMode() {
        assertEquals(EntryStates.protected32(ENTRY, REGISTERS),
                fixture.boot(ElfBuilder.elf32().entry(ENTRY).load(ENTRY, CODE).build()));
    }

    @Test
    void shouldTranslateAnEntryPointInHighVirtualMemory() {
        long virtual = 0xFFFFFFFF80000000L;

        assertEquals(EntryStates.long64(ENTRY + 1, REGISTERS), fixture.boot(
                ElfBuilder.elf64().entry(virtual + 1).load(virtual, ENTRY, CODE, CODE.length).build()));
    }

    @Test
    void shouldLeaveOutTheFilesOwnHeadersBelowAProgramAtOneMebibyte() {
        byte[] padded = Arrays.copyOf(elf().loadAt(0, 0x1002, ENTRY - 0x1000, 0x1010).build(), 0x1002);
        padded[0x1000] = (byte) 0x90;
        byte[] separate = elf().loadAt(0, 0xE8, ENTRY - 0x1000, 0xE8).load(ENTRY, CODE).build();

        for (byte[] kernel : new byte[][] {padded, separate}) {
            assertEquals(EntryStates.long64(ENTRY, REGISTERS), fixture.boot(Arrays.copyOf(kernel, 0x1002)));
            assertEquals((byte) 0x90, fixture.memory().readByte(ENTRY));
            assertEquals(0, fixture.memory().readInt(ENTRY - 0x1000));
        }
    }

    @Test
    void shouldHandOverPvhStartInformation() {
        byte[] kernel = ElfBuilder.elf64().entry(ENTRY).load(ENTRY, CODE).pvhNote(ENTRY + 1).build();
        String module = fixture.file("module", new byte[] {1, 2, 3}).toString();

        EntryState state = BootLoaders.load(fixture.request(fixture.file("kernel", kernel), "quiet", module + " a=b"));

        assertEquals(EntryStates.protected32(ENTRY + 1, REGISTERS), state);
        GuestMemory memory = fixture.memory();
        assertEquals(0x336EC578, memory.readInt(0x6000));
        assertEquals(1, memory.readInt(0x6004));
        assertEquals(1, memory.readInt(0x600C));
        assertEquals("quiet", fixture.string(memory.readLong(0x6018)));
        assertEquals(BootFixture.RSDP, memory.readLong(0x6020));
        long map = memory.readLong(0x6028);
        assertEquals(5, memory.readInt(0x6030));
        assertEquals(0x9FC00, memory.readLong(map + 8));
        assertEquals(1, memory.readInt(map + 16));
        assertEquals(4 * MIB - MIB, memory.readLong(map + 3 * 24 + 8));
        long list = memory.readLong(0x6010);
        assertEquals(4 * MIB - 4096, memory.readLong(list));
        assertEquals(3, memory.readLong(list + 8));
        assertEquals("a=b", fixture.string(memory.readLong(list + 16)));
        assertArrayEquals(new byte[] {1, 2, 3}, fixture.bytes(4 * MIB - 4096, 3));
    }

    @Test
    @DisplayName("should refuse segments that pass the end of the file or overflow")
    void shouldRefuseSegmentsOutsideTheFile() {
        fixture.assertRefused(elf().loadAt(0x1000, 0x1000, ENTRY, 0x1000).build(), "but ends at");
        fixture.assertRefused(elf().loadAt(0, Long.MAX_VALUE, ENTRY, Long.MAX_VALUE).build(), "but ends at");
        fixture.assertRefused(elf().loadAt(-16, 32, ENTRY, 0x1000).build(), "but ends at");
        fixture.assertRefused(elf().loadAt(0x10, -1, ENTRY, 0x1000).build(), "but ends at");
    }

    @Test
    @DisplayName("should refuse program headers and notes outside the file")
    void shouldRefuseHeadersOutsideTheFile() {
        byte[] kernel = elf().load(ENTRY, CODE).build();
        kernel[39] = 0x7F;
        fixture.assertRefused(kernel, "bad ELF program headers");
        fixture.assertRefused(Arrays.copyOf(kernel, 60), "truncated");
        byte[] note = elf().pvhNote(ENTRY).load(ENTRY, CODE).build();
        note[64 + 15] = 0x7F;
        fixture.assertRefused(note, "note segment");
    }

    @Test
    @DisplayName("should refuse segments beyond RAM, in the device hole and over boot data")
    void shouldRefuseSegmentsWithoutRam() {
        fixture.assertRefused(elf().load(ENTRY, ENTRY, CODE, 4L * MIB).build(), "no usable RAM");
        fixture.assertRefused(elf().load(0xC0000000L, CODE).build(), "no usable RAM");
        fixture.assertRefused(elf().load(0, -2, CODE, CODE.length).build(), "no usable RAM");
        fixture.assertRefused(elf().load(ENTRY, ENTRY, CODE, Long.MAX_VALUE).build(), "no usable RAM");
        fixture.assertRefused(elf().load(0xA0000, CODE).build(), "no usable RAM");
        fixture.assertRefused(elf().load(0xF0000, CODE).build(), "no usable RAM");
        fixture.assertRefused(elf().load(0x501, CODE).build(), "already taken by the boot GDT");
        fixture.assertRefused(elf().load(0x5FFF, CODE).build(), "already taken by the PVH start information");
        fixture.assertRefused(elf().load(0x9000, CODE).build(), "already taken by the boot page tables");
        fixture.assertRefused(elf().load(0x20000, CODE).build(), "already taken by the kernel command line");
    }

    @Test
    @DisplayName("should refuse a segment that spans the device hole")
    void shouldRefuseASegmentThatSpansTheHole() {
        GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(2 * MIB)),
                new MemoryRegion(GuestMemory.HOLE_END, Arena.ofAuto().allocate(MIB))));
        fixture = new BootFixture(folder, memory);

        fixture.assertRefused(elf().load(ENTRY, ENTRY, CODE, GuestMemory.HOLE_END).build(), "no usable RAM");
        fixture.assertRefused(elf().entry(GuestMemory.HOLE_END).load(GuestMemory.HOLE_END, CODE).build(),
                "none of its segments below 4 GiB");
    }

    @Test
    @DisplayName("should refuse memory sizes below file sizes and overlapping segments")
    void shouldRefuseContradictorySegments() {
        fixture.assertRefused(elf().load(ENTRY, ENTRY, CODE, 1).build(), "2 bytes of the file into 1 bytes");
        fixture.assertRefused(elf().load(ENTRY, CODE).load(ENTRY + 1, CODE).build(), "another part of a boot file");
    }

    @Test
    void shouldRefuseFilesThatCannotRun() {
        fixture.assertRefused(elf().machine(183).load(ENTRY, CODE).build(), "another processor");
        fixture.assertRefused(elf().build(), "no program headers");
        fixture.assertRefused(elf().pvhNote(ENTRY).build(), "in none of its segments");
        fixture.assertRefused(ElfBuilder.elf64().load(ENTRY, CODE).build(), "entry point at 0x0");
    }

    @Test
    void shouldRefuseACommandLineWithoutRoom() {
        Path kernel = fixture.file("kernel", elf().load(ENTRY, CODE).build());

        String message = fixture.refusal(fixture.request(kernel, "x".repeat(0x10000)));

        assertTrue(message.contains("65536 bytes are too long; the limit is 65535"), message);
    }

    private static ElfBuilder elf() {
        return ElfBuilder.elf64().entry(ENTRY);
    }
}
