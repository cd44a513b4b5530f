package jkvm.device.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import jkvm.bus.AddressRange;
import jkvm.bus.IoHandler;
import jkvm.bus.StateRoundTrip;
import jkvm.device.testdev.PciTestdev;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PciBarTest {
    private static final int BAR_0 = 0x10;
    private static final int BAR_1 = 0x14;
    private static final int BAR_2 = 0x18;

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

    /** BAR 0: 4 KiB of memory reading 0x11; BAR 1: 16 ports reading 0x22; BARs 2-3: 16 KiB anywhere reading 0x33. */
    private static final class ThreeBars extends PlainFunction {
        private final List<String> moves = new ArrayList<>();

        ThreeBars() {
            super("bars", new PciIdentity(0x1234, 1, 0, 0xFF0000));
            addMemoryBar(0, 0x1000, new Constant(0x11));
            addIoBar(1, 16, new Constant(0x22));
            addWideMemoryBar(2, 0x4000, new Constant(0x33));
        }

        @Override
        protected void barMoved(int index, long address) {
            moves.add(index + "@" + Long.toHexString(address));
        }
    }

    private final PciFixture pci = new PciFixture();
    private final ThreeBars function = pci.plug(new ThreeBars());

    @Test
    void shouldTellTheSizeWhenAllOnesAreWritten() {
        for (int bar = BAR_0; bar <= 0x24; bar += 4) {
            pci.write(bar, 4, 0xFFFFFFFFL);
        }
        assertEquals(0xFFFFF000L, pci.read(BAR_0, 4));
        assertEquals(0xFFFFFFF1L, pci.read(BAR_1, 4));
        assertEquals(0xFFFFC00CL, pci.read(BAR_2, 4));
        assertEquals(0xFFFFFFFFL, pci.read(0x1C, 4));
        assertEquals(0, pci.read(0x20, 4));
        assertEquals(0, pci.read(0x30, 4), "no expansion ROM");
    }

    @Test
    void shouldAppearWhereItIsPutWhileDecodingIsOn() {
        pci.write(BAR_0, 4, 0xE0000000L);
        pci.write(BAR_1, 4, 0xC000);
        pci.write(BAR_2, 4, 0x40000000L);
        pci.write(0x1C, 4, 0x12);
        assertEquals(-1, pci.memory.dispatchRead(0xE0000000L, 1));
        pci.enable();
        assertEquals(0x11, pci.memory.dispatchRead(0xE0000FFFL, 1));
        assertEquals(0x22, pci.ports.dispatchRead(0xC00F, 1));
        assertEquals(0x33, pci.memory.dispatchRead(0x1240000000L, 8), "above 4 GiB");
        pci.write(BAR_0, 4, 0xE0002000L);
        assertEquals(-1, pci.memory.dispatchRead(0xE0000000L, 1));
        assertEquals(0x11, pci.memory.dispatchRead(0xE0002000L, 1));
        pci.write(PciFunction.COMMAND_OFFSET, 2, PciFunction.COMMAND_IO_BIT);
        assertEquals(-1, pci.memory.dispatchRead(0xE0002000L, 1));
        assertEquals(0x22, pci.ports.dispatchRead(0xC000, 1));
        assertEquals(List.of("0@e0000000", "1@c000", "2@1240000000", "0@e0002000", "0@-1", "2@-1"),
                function.moves.stream().map(move -> move.replace("ffffffffffffffff", "-1")).toList());
    }

    @Test
    @DisplayName("a BAR at 0, all ones or past its space's end is not mapped; fixed devices stay in front")
    void shouldNotBeSeenWhereItMustNotBe() {
        pci.ports.add(new AddressRange(0x3F8, 8), new Constant(0x44));
        pci.memory.add(new AddressRange(0xFEC00000L, 0x1000), new Constant(0x55));
        pci.enable();
        for (long address : new long[] {0, 0xFFFFFFFFL}) {
            for (int bar = BAR_0; bar <= 0x1C; bar += 4) {
                pci.write(bar, 4, address);
            }
            assertEquals(-1, pci.memory.dispatchRead(0, 1));
            assertEquals(-1, pci.memory.dispatchRead(0xFFFFF000L, 1));
            assertEquals(-1, pci.ports.dispatchRead(0, 1));
            assertEquals(-1, pci.ports.dispatchRead(0xFFF0, 1));
        }
        pci.write(BAR_0, 4, 0xFEC00000L);
        pci.write(BAR_1, 4, 0x3F0);
        assertEquals(0x55, pci.memory.dispatchRead(0xFEC00000L, 1));
        assertEquals(0x44, pci.ports.dispatchRead(0x3F8, 1));
        assertEquals(0x22, pci.ports.dispatchRead(0x3F7, 1));
        pci.write(BAR_1, 4, 0x12340000L);
        assertEquals(-1, pci.ports.dispatchRead(0, 1));
    }

    @Test
    @DisplayName("of two BARs at one address the one that came last is seen; both work when moved apart")
    void shouldBearABarOverAnother() {
        pci.write(BAR_0, 4, 0xE0000000L);
        pci.write(BAR_2, 4, 0xE0000000L);
        pci.enable();
        assertEquals(0x33, pci.memory.dispatchRead(0xE0000000L, 1));
        assertEquals(0x33, pci.memory.dispatchRead(0xE0001000L, 1));
        pci.write(BAR_2, 4, 0xE0010000L);
        assertEquals(0x11, pci.memory.dispatchRead(0xE0000000L, 1));
        assertEquals(0x33, pci.memory.dispatchRead(0xE0010000L, 1));
    }

    @Test
    @DisplayName("while one CPU moves a BAR and switches it off, another's accesses reach it or nothing")
    void shouldMoveUnderAccess() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        List<Long> strange = new ArrayList<>();
        Thread reader = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                long value = pci.memory.dispatchRead(0xE0001000L, 4);
                if (value != 0x11 && value != -1) {
                    strange.add(value);
                }
            }
        });
        pci.enable();
        for (int i = 0; i < 2000; i++) {
            pci.write(BAR_0, 4, 0xE0000000L + (i & 3) * 0x1000);
            pci.write(PciFunction.COMMAND_OFFSET, 2, i % 5 == 0 ? 0 : 2);
        }
        done.set(true);
        reader.join();
        assertTrue(strange.isEmpty(), strange.toString());
    }

    @Test
    void shouldGiveEachBarAPlaceOfItsOwnAsFirmwareDoes() {
        pci.bus.add(6, 0, new PciTestdev("testdev"));
        new PciResources(pci.bus, pci.router, 0xC0000000L, 0xFEC00000L, 0xC000).assign();
        assertEquals(0xFEBF8000L | 0xC, pci.read(BAR_2, 4), "the prefetchable one below the others");
        assertEquals(0xFEBFE000L, pci.read(BAR_0, 4));
        assertEquals(0xFEBFF000L, pci.read(6, 0, BAR_0, 4));
        assertEquals(0xC001, pci.read(6, 0, BAR_1, 4));
        assertEquals(0xC101, pci.read(BAR_1, 4));
        assertEquals(0x11, pci.memory.dispatchRead(0xFEBFE000L, 1));
        assertEquals(0x107, pci.read(PciFunction.COMMAND_OFFSET, 2));
    }

    @Test
    void shouldKeepBarsBelowTheEndOfTheirWindowHoweverManyThereAre() {
        for (int slot = 6; slot < 12; slot++) {
            PciFunction card = new PlainFunction("card" + slot, new PciIdentity(0x1234, 3, 0, 0x020000));
            card.addMemoryBar(0, 0x20000, new Constant(slot));
            card.addExpansionRom(new ExpansionRom(new byte[0x3D000]));
            pci.bus.add(slot, 0, card);
        }
        new PciResources(pci.bus, pci.router, 0xC0000000L, 0xFEC00000L, 0xC000).assign();
        for (int slot = 6; slot < 12; slot++) {
            long bar = pci.read(slot, 0, BAR_0, 4);
            long rom = pci.read(slot, 0, PciFunction.ROM_OFFSET, 4);
            assertEquals(slot, pci.memory.dispatchRead(bar, 1));
            assertTrue(bar + 0x20000 <= 0xFEC00000L && rom + 0x40000 <= 0xFEC00000L && rom > 0xFE000000L,
                    () -> "%x %x".formatted(bar, rom));
        }
    }

    @Test
    void shouldLeaveABarWithoutAnAddressIfThereIsNoRoom() {
        new PciResources(pci.bus, pci.router, 0xFEB00000L, 0xFEB04000L, 0xC000).assign();
        assertEquals(0xFEB00000L | 0xC, pci.read(BAR_2, 4), "the largest first");
        assertEquals(0, pci.read(BAR_0, 4));
    }

    @Test
    void shouldReturnToNoAddressAtResetAndComeBackWithASavedState() {
        pci.write(BAR_0, 4, 0xE0000000L);
        pci.enable();
        PciFixture other = new PciFixture();
        StateRoundTrip.copy(function, other.plug(new ThreeBars()));
        assertEquals(0x11, other.memory.dispatchRead(0xE0000000L, 1));
        function.reset();
        assertEquals(-1, pci.memory.dispatchRead(0xE0000000L, 1));
        assertEquals(0, pci.read(BAR_0, 4));
    }
}
