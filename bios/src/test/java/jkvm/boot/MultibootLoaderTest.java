package jkvm.boot;

import static jkvm.boot.BootFixture.MIB;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MultibootLoaderTest {
    private static final int LOAD = 0x100000;
    private static final int ENTRY = LOAD + MultibootBuilder.CODE_OFFSET;
    private static final byte[] CODE = {(byte) 0x90, (byte) 0xF4};
    private static final int INFO = 0x4000;
    private static final StartRegisters REGISTERS = new StartRegisters(0x2BADB002, INFO, 0, 0, 0x8FF0);

    @TempDir
    private Path folder;
    private BootFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new BootFixture(folder, 4 * MIB);
    }

    @Test
    void shouldLoadAnImageByItsAddresses() {
        fixture.memory().fill(LOAD, 0x1000, (byte) 0x55);

        EntryState state = fixture.boot(MultibootBuilder.image(LOAD, LOAD, 0, LOAD + 0x100, ENTRY, CODE));

        assertEquals(EntryStates.protected32(ENTRY, REGISTERS), state);
        assertArrayEquals(new byte[] {(byte) 0x90, (byte) 0xF4, 0}, fixture.bytes(ENTRY, 3));
        assertEquals(0, fixture.memory().readByte(LOAD + 0xFF));
        assertEquals(0x55, fixture.memory().readByte(LOAD + 0x100));
    }

    @Test
    void shouldLoadAnElfFileBeforeLookingAtItsPvhNote() {
        byte[] text = new byte[16];
        System.arraycopy(MultibootBuilder.header(), 0, text, 0, 12);
        byte[] kernel = ElfBuilder.elf32().entry(LOAD + 12).load(LOAD, text).pvhNote(LOAD).build();

        assertEquals(EntryStates.protected32(LOAD + 12, REGISTERS), fixture.boot(kernel));
    }

    @Test
    void shouldRefuseA64BitElfFile() {
        byte[] kernel = ElfBuilder.elf64().entry(LOAD).load(LOAD, MultibootBuilder.header()).build();

        fixture.assertRefused(kernel, "is a 64-bit multiboot image");
    }

    @Test
    void shouldDescribeTheMachine() {
        Path kernel = fixture.file("kernel", MultibootBuilder.image(LOAD, LOAD, 0, 0, ENTRY, CODE));

        BootLoaders.load(fixture.request(kernel, "serial debug"));

        GuestMemory memory = fixture.memory();
        assertEquals(0x24F, memory.readInt(INFO));
        assertEquals(639, memory.readInt(INFO + 4));
        assertEquals(3072, memory.readInt(INFO + 8));
        assertEquals(0x8000FFFF, memory.readInt(INFO + 12));
        assertEquals(kernel + " serial debug", fixture.string(memory.readInt(INFO + 16)));
        assertEquals(0, memory.readInt(INFO + 20));
        assertEquals("jkvm", fixture.string(memory.readInt(INFO + 64)));
    }

    @Test
    void shouldReportTheMemoryMap() {
        fixture.boot(MultibootBuilder.image(LOAD, LOAD, 0, 0, ENTRY, CODE));

        GuestMemory memory = fixture.memory();
        assertEquals(5 * 24, memory.readInt(INFO + 44));
        int map = memory.readInt(INFO + 48);
        assertEquals(20, memory.readInt(map));
        assertEquals(0, memory.readLong(map + 4));
        assertEquals(0x9FC00, memory.readLong(map + 12));
        assertEquals(1, memory.readInt(map + 20));
        assertEquals(MIB, memory.readLong(map + 3 * 24 + 4));
        assertEquals(3 * MIB, memory.readLong(map + 3 * 24 + 12));
    }

    @Test
    void shouldPlaceModulesOnPagesBehindTheKernelWithTheirTexts() {
        Path kernel = fixture.file("kernel", MultibootBuilder.image(LOAD, LOAD, 0, LOAD + 0x1001, ENTRY, CODE));
        String first = fixture.file("first", new byte[] {1, 2, 3}).toString();
        String second = fixture.file("second", new byte[4096]) + " url=http://host//x";

        BootLoaders.load(fixture.request(kernel, "", first, second));

        GuestMemory memory = fixture.memory();
        assertEquals(2, memory.readInt(INFO + 20));
        int list = memory.readInt(INFO + 24);
        assertEquals(LOAD + 0x2000, memory.readInt(list));
        assertEquals(LOAD + 0x2003, memory.readInt(list + 4));
        assertEquals(first, fixture.string(memory.readInt(list + 8)));
        assertEquals(LOAD + 0x3000, memory.readInt(list + 16));
        assertEquals(LOAD + 0x4000, memory.readInt(list + 20));
        assertEquals(second, fixture.string(memory.readInt(list + 24)));
        assertArrayEquals(new byte[] {1, 2, 3}, fixture.bytes(LOAD + 0x2000, 3));
    }

    @Test
    void shouldBootAnOldLinuxImageByItsMultibootHeader() {
        byte[] kernel = new BzImageBuilder().version(0x207).build();
        byte[] header = MultibootBuilder.image(LOAD, LOAD, 0, 0, ENTRY);
        System.arraycopy(header, 0, kernel, 0, header.length);

        assertEquals(EntryStates.protected32(ENTRY, REGISTERS), fixture.boot(kernel));
    }

    @Test
    @DisplayName("should refuse address fields that underflow, overflow or contradict each other")
    void shouldRefuseBadAddressFields() {
        assertBad("header_addr 0x100000 does not fit load_addr 0x100001", LOAD, LOAD + 1, 0, 0, ENTRY);
        assertBad("the header's place in the file (0)", LOAD + 1, LOAD, 0, 0, ENTRY);
        assertBad("load_end_addr 0xfffff is not above", LOAD, LOAD, LOAD - 1, 0, ENTRY);
        assertBad("but ends at 34", LOAD, LOAD, LOAD + 35, 0, ENTRY);
        assertBad("but ends at 34", LOAD, LOAD, -1, 0, ENTRY);
        assertBad("bss_end_addr 0x100021 is below", LOAD, LOAD, 0, LOAD + 33, ENTRY);
        assertBad("no usable RAM", LOAD, LOAD, 0, -1, ENTRY);
        assertBad("no usable RAM", -16, -16, 0, 0, -8);
        assertBad("entry_addr 0xfffff is not in the image", LOAD, LOAD, 0, 0, LOAD - 1);
        assertBad("entry_addr 0x100022 is not in the image", LOAD, LOAD, 0, 0, ENTRY + 2);
    }

    private void assertBad(String problem, int header, int load, int loadEnd, int bssEnd, int entry) {
        fixture.assertRefused(MultibootBuilder.image(header, load, loadEnd, bssEnd, entry, CODE), problem);
    }

    @Test
    @DisplayName("should refuse an image over the multiboot information")
    void shouldRefuseAnImageOverBootData() {
        fixture.assertRefused(MultibootBuilder.image(INFO, INFO, 0, 0, INFO + 32, CODE),
                "already taken by the multiboot information");
    }

    @Test
    @DisplayName("should refuse a header that is truncated or belongs to no ELF file")
    void shouldRefuseIncompleteHeaders() {
        byte[] image = MultibootBuilder.image(LOAD, LOAD, 0, 0, ENTRY);
        fixture.assertRefused(Arrays.copyOf(image, 20), "truncated in its multiboot header");
        fixture.assertRefused(MultibootBuilder.header(), "is no ELF file");
    }

    @Test
    @DisplayName("should refuse a broken header, or one of multiboot 2, where the file would start as a plain ELF file")
    void shouldRefuseAnElfFileWithAHeaderThatDoesNotCount() {
        fixture.assertRefused(elfWithHeaderAt(0x100, 0x1BADB002, 3, -0x1BADB002 - 4), "wrong checksum");
        fixture.assertRefused(elfWithHeaderAt(0x102, 0x1BADB002, 3, -0x1BADB002 - 3), "not aligned");
        for (int edge : new int[] {8144, 8180, 8184, 12000}) {
            fixture.assertRefused(elfWithHeaderAt(edge, 0x1BADB002, 0, -0x1BADB002), "too far");
        }
        fixture.assertRefused(elfWithHeaderAt(0x100, 0xE85250D6, 0, 24, -(0xE85250D6 + 24)), "multiboot 2");
    }

    @Test
    void shouldTakeAHeaderThatBeginsWithin48BytesOfTheSearchsEnd() {
        assertEquals(EntryStates.protected32(LOAD, REGISTERS),
                fixture.boot(elfWithHeaderAt(8140, 0x1BADB002, 0, -0x1BADB002)));
    }

    @Test
    void shouldStartAnElfFileByItsPvhNoteWhateverItsMultibootHeader() {
        byte[] text = Arrays.copyOf(MultibootBuilder.header(), 16);
        text[8] ^= 1;
        byte[] kernel = ElfBuilder.elf32().entry(LOAD).load(LOAD, text).pvhNote(LOAD + 12).build();

        assertEquals(EntryStates.protected32(LOAD + 12, new StartRegisters(0, 0x6000, 0, 0, 0x8FF0)),
                fixture.boot(kernel));
    }

    /** @param fileOffset of the first word */
    private static byte[] elfWithHeaderAt(int fileOffset, int... words) {
        byte[] kernel = ElfBuilder.elf32().entry(LOAD).load(LOAD, new byte[0x4000]).build();
        ByteBuffer bytes = ByteBuffer.wrap(kernel).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < words.length; i++) {
            bytes.putInt(fileOffset + 4 * i, words[i]);
        }
        return kernel;
    }

    @Test
    void shouldRefuseMoreModulesThanThereIsRoomFor() {
        Path kernel = fixture.file("kernel", MultibootBuilder.image(LOAD, LOAD, 0, 0, ENTRY, CODE));
        String module = fixture.file("module", new byte[1]).toString();
        String[] modules = Collections.nCopies(600, module).toArray(String[]::new);

        assertTrue(fixture.refusal(fixture.request(kernel, "", modules)).contains("600 modules are too many"));
    }
}
