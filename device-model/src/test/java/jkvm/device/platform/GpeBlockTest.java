package jkvm.device.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.bus.FakeIrqLine;
import jkvm.bus.StateRoundTrip;
import org.junit.jupiter.api.Test;

class GpeBlockTest {
    private final FakeIrqLine sci = new FakeIrqLine();
    private final GpeBlock block = new GpeBlock("acpi-gpe", sci);

    @Test
    void shouldInterruptWhileAnEnabledEventIsPending() {
        block.raise(GpeBlock.PCI_HOTPLUG_EVENT);
        assertFalse(sci.level());
        block.write(GpeBlock.ENABLE_OFFSET, 1, 2);
        assertTrue(sci.level());
        assertEquals(2, block.read(GpeBlock.STATUS_OFFSET, 1));
        block.write(GpeBlock.STATUS_OFFSET, 1, 0xFD);
        assertTrue(sci.level());
        block.write(GpeBlock.STATUS_OFFSET, 1, 2);
        assertFalse(sci.level());
        assertEquals(0, block.read(GpeBlock.STATUS_OFFSET, 1));
    }

    @Test
    void shouldShowBothBytesOfStatusAndEnables() {
        block.raise(15);
        block.raise(0);
        block.write(GpeBlock.ENABLE_OFFSET, 2, 0x7FFE);
        assertEquals(0x7FFE8001L, block.read(GpeBlock.STATUS_OFFSET, 4));
        assertFalse(sci.level());
        block.write(GpeBlock.ENABLE_OFFSET + 1, 1, 0x80);
        assertTrue(sci.level());
    }

    @Test
    void shouldNeitherSetStatusByAWriteNorKnowMoreThanSixteenEvents() {
        block.raise(16);
        block.write(GpeBlock.ENABLE_OFFSET, 2, 0xFFFF);
        block.write(GpeBlock.STATUS_OFFSET, 2, 0xFFFF);
        assertEquals(0, block.read(GpeBlock.STATUS_OFFSET, 2));
        assertEquals(0, sci.edges());
    }

    @Test
    void shouldKeepAPendingEventInASavedStateAndForgetItAtReset() {
        block.raise(GpeBlock.PCI_HOTPLUG_EVENT);
        block.write(GpeBlock.ENABLE_OFFSET, 1, 2);
        FakeIrqLine line = new FakeIrqLine();
        GpeBlock copy = new GpeBlock("acpi-gpe", line);
        StateRoundTrip.copy(block, copy);
        assertTrue(line.level());
        copy.reset();
        assertFalse(line.level());
        assertEquals(0, copy.read(GpeBlock.STATUS_OFFSET, 4));
    }
}
