package jkvm.device.pci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import jkvm.bus.AddressRange;
import jkvm.bus.IoHandler;
import jkvm.bus.StateRoundTrip;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpansionRomTest {
    private static final int ROM = PciFunction.ROM_OFFSET;
    private static final int BAR_0 = PciFunction.BAR_0_OFFSET;
    private static final long PLACE = 0xFEB00000L;
    private static final int IMAGE_SIZE = 5000;
    private static final int ROM_SIZE = 8192;

    /** Reads as a constant everywhere. */
    private record Constant(int value) implements IoHandler {
        @Override
        public long read(long offset, int size) {
            return value;
        }

        @Override
        public void write(long offset, int size, long written) {
            // Read-only.
        }
    }

    private final PciFixture pci = new PciFixture();
    private final PciFunction function = pci.plug(card(image()));

    private static byte[] image() {
        byte[] image = new byte[IMAGE_SIZE];
        for (int i = 0; i < image.length; i++) {
            image[i] = (byte) (i ^ i >> 8);
        }
        image[0] = 0x55;
        image[1] = (byte) 0xAA;
        return image;
    }

    /** A function with 16 KiB of memory that read 0x33, and a ROM. */
    private static PciFunction card(byte[] image) {
        PciFunction card = new PlainFunction("card", new PciIdentity(0x1234, 2, 0, 0x020000));
        card.addMemoryBar(0, 0x4000, new Constant(0x33));
        card.addExpansionRom(new ExpansionRom(image));
        return card;
    }

    private void put(long address) {
        pci.write(ROM, 4, address | 1);
    }

    private long seen(long address) {
        return pci.memory.dispatchRead(address, 2) & 0xFFFF;
    }

    @ParameterizedTest
    @CsvSource({"1, 0xFFFFF801", "2048, 0xFFFFF801", "2049, 0xFFFFF001", "65536, 0xFFFF0001", "249856, 0xFFFC0001"})
    void shouldTellItsSizeRoundedUpToAPowerOfTwo(int bytes, long register) {
        PciFixture other = new PciFixture();
        other.plug(card(new byte[bytes]));
        other.write(ROM, 4, 0xFFFFFFFFL);
        assertEquals(register, other.read(ROM, 4));
        other.write(ROM, 4, 0xFFFFFFFEL);
        assertEquals(register & ~1, other.read(ROM, 4));
    }

    @Test
    void shouldBeSeenWhileItsSwitchAndThatOfMemoryAreOn() {
        pci.write(ROM, 4, PLACE);
        pci.enable();
        assertEquals(0xFFFF, seen(PLACE), "its own switch is off");
        put(PLACE);
        assertEquals(0xAA55, seen(PLACE));
        pci.write(PciFunction.COMMAND_OFFSET, 2, PciFunction.COMMAND_IO_BIT);
        assertEquals(0xFFFF, seen(PLACE), "the function decodes no memory");
        pci.enable();
        pci.write(ROM, 4, PLACE);
        assertEquals(0xFFFF, seen(PLACE));
    }

    @Test
    void shouldReadAsTheFileAtEachWidthAndAsZeroesBehindIt() {
        pci.enable();
        put(PLACE);
        byte[] image = image();
        for (int i = 8; i < IMAGE_SIZE - 8; i += 7) {
            long expected = 0;
            for (int j = 7; j >= 0; j--) {
                expected = expected << 8 | image[i + j] & 0xFF;
            }
            assertEquals(expected, pci.memory.dispatchRead(PLACE + i, 8));
            assertEquals((int) expected, (int) pci.memory.dispatchRead(PLACE + i, 4));
            assertEquals((short) expected, (short) pci.memory.dispatchRead(PLACE + i, 2));
            assertEquals((byte) expected, (byte) pci.memory.dispatchRead(PLACE + i, 1));
        }
        assertEquals(0, pci.memory.dispatchRead(PLACE + IMAGE_SIZE, 8));
        assertEquals(0, pci.memory.dispatchRead(PLACE + ROM_SIZE - 1, 1));
        assertEquals(-1, pci.memory.dispatchRead(PLACE + ROM_SIZE, 1));
    }

    @Test
    void shouldNotBeWritable() {
        pci.enable();
        put(PLACE);
        for (int size = 1; size <= 8; size *= 2) {
            pci.memory.dispatchWrite(PLACE, size, 0);
        }
        assertEquals(0xAA55, seen(PLACE));
    }

    @Test
    void shouldMoveWhileTheGuestRuns() {
        pci.enable();
        put(PLACE);
        put(PLACE + 0x10000);
        assertEquals(0xFFFF, seen(PLACE));
        assertEquals(0xAA55, seen(PLACE + 0x10000));
    }

    @Test
    @DisplayName("a ROM at 0, all ones or over a fixed device is not seen, and hides nothing")
    void shouldNotBeSeenWhereItMustNotBe() {
        pci.memory.add(new AddressRange(0xFEC00000L, 0x1000), new Constant(0x55));
        pci.enable();
        put(0);
        assertEquals(0xFFFF, seen(0));
        put(0xFFFFFFFEL);
        assertEquals(0xFFFF, seen(0xFFFFE000L));
        put(0xFEC00000L);
        assertEquals(0x55, seen(0xFEC00000L));
    }

    @Test
    @DisplayName("a ROM over its own function's BAR covers it, and both work when moved apart")
    void shouldBearItselfOverABar() {
        pci.write(BAR_0, 4, PLACE);
        pci.enable();
        put(PLACE);
        assertEquals(0xAA55, seen(PLACE));
        assertEquals(0x33, seen(PLACE + ROM_SIZE));
        pci.write(ROM, 4, PLACE);
        assertEquals(0x33, seen(PLACE));
        put(PLACE + 0x8000);
        assertEquals(0x33, seen(PLACE));
        assertEquals(0xAA55, seen(PLACE + 0x8000));
    }

    @Test
    @DisplayName("while one CPU moves the ROM and switches it off, another reads it or nothing")
    void shouldMoveUnderAccess() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        List<Long> strange = new ArrayList<>();
        Thread reader = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                long value = seen(PLACE);
                if (value != 0xAA55 && value != 0xFFFF) {
                    strange.add(value);
                }
            }
        });
        pci.enable();
        for (int i = 0; i < 2000; i++) {
            pci.write(ROM, 4, PLACE + (i & 3) * ROM_SIZE + (i % 5 == 0 ? 0 : 1));
            pci.write(PciFunction.COMMAND_OFFSET, 2, i % 7 == 0 ? 0 : 2);
        }
        done.set(true);
        reader.join();
        assertTrue(strange.isEmpty(), strange.toString());
    }

    @Test
    void shouldGetAnAddressAndStayOffWhereThereIsNoFirmware() {
        new PciResources(pci.bus, pci.router, 0xC0000000L, 0xFEC00000L, 0xC000).assign();
        assertEquals(0xFEBFC000L, pci.read(ROM, 4), "after the larger BAR");
        assertEquals(0xFFFF, seen(0xFEBFC000L));
    }

    @Test
    void shouldBeOffAfterAResetAndComeBackWithASavedState() {
        pci.enable();
        put(PLACE);
        PciFixture other = new PciFixture();
        StateRoundTrip.copy(function, other.plug(card(image())));
        assertEquals(0x55, other.memory.dispatchRead(PLACE, 1));
        function.reset();
        assertEquals(0xFFFF, seen(PLACE));
        assertEquals(0, pci.read(ROM, 4));
    }

    /** A function with legacy virtio's ids and the usual ROM of its model, read whole. */
    private static byte[] shownByUsualRom(byte[] image) {
        PciFixture pci = new PciFixture();
        PciFunction card = new PlainFunction("card", new PciIdentity(0x1AF4, 0x1000, 0, 0x020000));
        card.addUsualRom(new ExpansionRom(image));
        pci.plug(card);
        pci.enable();
        pci.write(ROM, 4, PLACE | 1);
        byte[] shown = new byte[image.length];
        for (int i = 0; i < shown.length; i++) {
            shown[i] = (byte) pci.memory.dispatchRead(PLACE + i, 1);
        }
        return shown;
    }

    private static int sum(byte[] bytes) {
        int sum = 0;
        for (byte one : bytes) {
            sum += one;
        }
        return sum & 0xFF;
    }

    @Test
    void shouldNameTheFunctionInTheUsualRomOfItsModelAndKeepItsChecksum() {
        byte[] image = image();
        setBytes(image, 0x18, 0x40, 0);
        setBytes(image, 0x40, 'P', 'C', 'I', 'R', 0xF4, 0x1A, 0x41, 0x10);
        byte[] shown = shownByUsualRom(image);
        assertEquals(sum(image), sum(shown));
        setBytes(image, 0x46, 0x00, 0x10);
        image[6] = shown[6];
        assertArrayEquals(image, shown);
    }

    @Test
    void shouldLeaveAUsualRomWithoutAnImageOfPciAsItIs() {
        byte[] image = image();
        setBytes(image, 0x18, 0xFF, 0xFF);
        assertArrayEquals(image, shownByUsualRom(image));
    }

    private static void setBytes(byte[] image, int at, int... values) {
        for (int i = 0; i < values.length; i++) {
            image[at + i] = (byte) values[i];
        }
    }

    @Test
    void shouldBeTheOnlyOne() {
        assertThrows(IllegalArgumentException.class, () -> function.addExpansionRom(new ExpansionRom(image())));
    }
}
