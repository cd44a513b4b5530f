package jkvm.tables;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a kernel finds in low memory, with values that QEMU 7.2 has for a PC with one serial port. */
class FirmwareTracesTest {
    private static final String SOURCES = "src/test/guest/bios";
    private static final String IMAGES = "src/test/resources/jkvm/tables";

    private final GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0,
            Arena.ofAuto().allocate(2 << 20, 4096))));

    @BeforeEach
    void install() {
        PlatformTables.install(memory, new PlatformDescription(1, List.of(PlatformDescription.COM1), true, true));
    }

    @TestFactory
    Stream<DynamicTest> shouldBeWhatItsSourceMakes() {
        return GuestImages.check("bios", SOURCES, IMAGES);
    }

    @Test
    void shouldHoldTheStubsOfTheirSource() throws IOException {
        byte[] stubs = Files.readAllBytes(GuestImages.folder("bios", IMAGES).resolve("bios-stubs.bin"));

        assertArrayEquals(stubs, FirmwareTraces.STUBS);
        byte[] placed = new byte[stubs.length];
        memory.read(0xFFF53, placed, 0, placed.length);
        assertArrayEquals(stubs, placed);
    }

    @Test
    void shouldLeadVectorsToHandlersThatReturn() {
        assertEquals(0xF000FF53, memory.readInt(0x10 * 4));
        assertEquals(0xF000FF54, memory.readInt(0x08 * 4), "the first interrupt controller's");
        assertEquals(0xF000FF5B, memory.readInt(0x77 * 4), "the second one's");
        assertEquals(0, memory.readInt(0x60 * 4), "the user's");
        assertEquals(0xF000FF53, memory.readInt(0xFF * 4));
    }

    @Test
    void shouldFillTheBiosDataArea() {
        assertEquals(0x3F8, memory.readShort(0x400));
        assertEquals(0, memory.readShort(0x402));
        assertEquals((short) 0x9FC0, memory.readShort(0x40E));
        assertEquals(0x0206, memory.readShort(0x410), "FPU, mouse, one serial port");
        assertEquals(639, memory.readShort(0x413));
        assertEquals(0x001E001E, memory.readInt(0x41A));
        assertEquals(0x0A, memory.readByte(0x47C));
        assertEquals(0x003E001E, memory.readInt(0x480));
        assertEquals(0x10, memory.readByte(0x496));
        assertEquals(1, memory.readByte(0x9FC00), "KiB of the extended area");
    }

    @Test
    void shouldNameThePcsModelAndRestartItAtTheResetVector() {
        assertEquals((byte) 0xFC, memory.readByte(0xFFFFE));
        assertEquals((byte) 0xEA, memory.readByte(0xFFFF0));
        assertEquals(0xF000FF64, memory.readInt(0xFFFF1));
        byte[] date = new byte[8];
        memory.read(0xFFFF5, date, 0, date.length);
        assertArrayEquals("06/23/99".getBytes(StandardCharsets.US_ASCII), date);
    }
}
