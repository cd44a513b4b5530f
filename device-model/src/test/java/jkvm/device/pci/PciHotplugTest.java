package jkvm.device.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import jkvm.bus.StateRoundTrip;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PciHotplugTest {
    private static final int UP = PciHotplug.UP_OFFSET;
    private static final int DOWN = PciHotplug.DOWN_OFFSET;
    private static final int EJECT = PciHotplug.EJECT_OFFSET;
    private static final int REMOVABLE = PciHotplug.REMOVABLE_OFFSET;
    private static final int BUS = PciHotplug.BUS_OFFSET;
    private static final int DISK = 5;
    private static final int CARD = 31;

    private final FakeSlots slots = new FakeSlots();
    private int events;
    private final PciHotplug hotplug = new PciHotplug("pci-hotplug", slots, () -> events++);

    /** A board's slots 0 and 1, a disk and a card; notes what the guest ejects. */
    private static final class FakeSlots implements PciHotplug.Slots {
        private final List<Integer> ejected = new ArrayList<>();
        private int occupied = 1 << DISK | 1 << CARD | 3;

        @Override
        public int removable() {
            return ~3;
        }

        @Override
        public int occupied() {
            return occupied;
        }

        @Override
        public void eject(int slot) {
            ejected.add(slot);
        }
    }

    private long register(int offset) {
        return hotplug.read(offset, 4);
    }

    private void write(int offset, long value) {
        hotplug.write(offset, 4, value);
    }

    @Test
    void shouldTellEachArrivalOnce() {
        hotplug.plugged(DISK);
        hotplug.plugged(CARD);
        assertEquals(2, events);
        assertEquals(1L << DISK | 1L << CARD, register(UP));
        assertEquals(0, register(UP));
        assertEquals(0, register(DOWN));
    }

    @Test
    void shouldAskForADeviceUntilTheGuestEjectsIt() {
        hotplug.requestEject(CARD);
        assertEquals(1, events);
        assertEquals(1L << CARD, register(DOWN));
        assertEquals(1L << CARD, register(DOWN));
        assertEquals(1 << CARD, hotplug.requested());
        write(EJECT, 1L << CARD);
        assertEquals(List.of(CARD), slots.ejected);
        assertEquals(0, register(DOWN));
        assertEquals(1 << CARD, hotplug.ejected());
        hotplug.emptied(CARD);
        assertEquals(0, hotplug.ejected());
    }

    @Test
    void shouldEjectADeviceThatNobodyAskedFor() {
        write(EJECT, 1 << DISK);
        assertEquals(List.of(DISK), slots.ejected);
    }

    @Test
    void shouldShowWhichSlotsTheGuestMayEmpty() {
        assertEquals(0xFFFFFFFCL, register(REMOVABLE));
    }

    @Test
    void shouldTellAnEjectionOnceUntilTheSlotIsEmpty() {
        write(EJECT, 1 << DISK);
        write(EJECT, 1 << DISK);
        assertEquals(List.of(DISK), slots.ejected);
        hotplug.emptied(DISK);
        write(EJECT, 1 << DISK);
        assertEquals(List.of(DISK, DISK), slots.ejected);
    }

    @Test
    void shouldEjectTheLowestOfSeveralSlots() {
        write(EJECT, 0xFFFFFFFFL << DISK & 0xFFFFFFFFL);
        assertEquals(List.of(DISK), slots.ejected);
        write(EJECT, 1L << CARD);
        assertEquals(List.of(DISK, CARD), slots.ejected);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 0xFFFFFFFFL, 1 << 6, 0x7FFFFFC0})
    void shouldEjectNeitherTheBoardsSlotsNorEmptyOnes(long value) {
        write(EJECT, value);
        assertEquals(List.of(), slots.ejected);
    }

    @Test
    void shouldTakeBackARequestForASlotThatIsEmpty() {
        hotplug.requestEject(6);
        write(EJECT, 1 << 6);
        assertEquals(0, register(DOWN));
        assertEquals(List.of(), slots.ejected);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 255, 256, 257, 0x7FFFFFFF, 0x80000000L, 0xFFFFFFFFL})
    void shouldShowNothingOfBusesThatAreNotThere(long bus) {
        hotplug.plugged(DISK);
        hotplug.requestEject(CARD);
        write(BUS, bus);
        assertEquals(0, register(UP));
        assertEquals(0, register(DOWN));
        assertEquals(bus < 256 ? 0xFFFFFFFFL : 0, register(REMOVABLE));
        assertEquals(bus < 256 ? bus : 0, register(BUS));
        write(EJECT, 1 << DISK);
        assertEquals(List.of(), slots.ejected);
        write(BUS, 0);
        assertEquals(1L << DISK, register(UP));
        assertEquals(1L << CARD, register(DOWN));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void shouldKnowDoubleWordsOnly(int size) {
        hotplug.plugged(DISK);
        assertEquals(0, hotplug.read(UP, size));
        hotplug.write(EJECT, size, 1 << DISK);
        assertEquals(List.of(), slots.ejected);
        assertEquals(1L << DISK, register(UP));
    }

    @Test
    void shouldHaveNoFeaturesAndIgnoreWritesToWhatItShows() {
        for (int offset : new int[] {UP, DOWN, REMOVABLE, 0x14, 2, 0x17}) {
            write(offset, 0xFFFFFFFFL);
        }
        assertEquals(0, register(UP));
        assertEquals(0, register(DOWN));
        assertEquals(0, register(EJECT));
        assertEquals(0xFFFFFFFCL, register(REMOVABLE));
        assertEquals(0, register(0x14));
        assertEquals(List.of(), slots.ejected);
    }

    @Test
    void shouldForgetEventsAtReset() {
        hotplug.plugged(DISK);
        hotplug.requestEject(CARD);
        write(BUS, 7);
        hotplug.reset();
        assertEquals(0, register(BUS));
        assertEquals(0, register(UP));
        assertEquals(0, register(DOWN));
    }

    @Test
    void shouldKeepEventsInASavedStateAndAskAgainForWhatWasNotEmptied() {
        hotplug.plugged(CARD);
        hotplug.requestEject(CARD);
        write(EJECT, 1 << DISK);
        FakeSlots others = new FakeSlots();
        PciHotplug copy = new PciHotplug("pci-hotplug", others, () -> { });
        StateRoundTrip.copy(hotplug, copy);
        assertEquals(List.of(DISK), others.ejected);
        assertEquals(1L << CARD, copy.read(UP, 4));
        assertEquals(1L << CARD, copy.read(DOWN, 4));
    }

    @Test
    void shouldBearAnyAccess() {
        Random random = new Random(11);
        int size = StateRoundTrip.save(hotplug).length;
        for (int i = 0; i < 20_000; i++) {
            int width = 1 << random.nextInt(4);
            long value = random.nextBoolean() ? random.nextInt(4) : random.nextLong() >>> 64 - 8 * width;
            hotplug.write(random.nextInt(PciHotplug.PORTS + 2), width, value);
            hotplug.read(random.nextInt(PciHotplug.PORTS + 2), width);
        }
        assertTrue(slots.ejected.size() <= 2 && !slots.ejected.contains(0), slots.ejected.toString());
        assertTrue(StateRoundTrip.save(hotplug).length < size + 16);
    }
}
