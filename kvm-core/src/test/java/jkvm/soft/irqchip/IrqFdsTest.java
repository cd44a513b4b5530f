package jkvm.soft.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.linux.Errno;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IrqFdsTest {
    private static final int FD = 77, GSI = 5, BASE = 0x30;
    private final JavaChips chips = new JavaChips();
    private final IrqFds irqFds = new IrqFds(chips.chips);
    private int resampled;

    @BeforeEach
    void giveThePicItsVectors() {
        for (int value : new int[] {BASE, 4, 1}) {
            if (value == BASE) {
                chips.out(0x20, 0x11);
            }
            chips.out(0x21, value);
        }
    }

    @Test
    void shouldPulseTheLine() {
        assertEquals(0, irqFds.assign(FD, GSI, null));
        assertTrue(irqFds.isAssigned(FD));
        irqFds.signal(FD);
        assertEquals(BASE + GSI, chips.takeInterrupt());
        irqFds.deassign(FD, GSI);
        irqFds.signal(FD);
        chips.out(0x20, 0x20);
        assertEquals(-1, chips.takeInterrupt());
    }

    @Test
    void shouldRefuseAnEventTwiceAndIgnoreUnknownOnes() {
        assertEquals(0, irqFds.assign(FD, GSI, null));
        assertEquals(-Errno.EBUSY.code(), irqFds.assign(FD, 9, null));
        assertEquals(0, irqFds.assign(FD + 1, GSI, null), "many on one GSI");
        assertEquals(0, irqFds.assign(FD + 2, -1, () -> resampled++), "a GSI that cannot be");
        irqFds.signal(FD + 2);
        irqFds.deassign(FD, 9);
        assertTrue(irqFds.isAssigned(FD));
        irqFds.closed(FD);
        irqFds.closed(FD + 2);
        assertFalse(irqFds.isAssigned(FD));
    }

    @Test
    void shouldHoldTheLineUntilTheGuestHasEndedTheInterrupt() {
        chips.out(0x4D0, 1 << GSI);
        assertEquals(0, irqFds.assign(FD, GSI, () -> resampled++));
        irqFds.signal(FD);
        assertEquals(BASE + GSI, chips.takeInterrupt());
        assertEquals(0, resampled);
        chips.out(0x20, 0x20);
        assertEquals(1, resampled);
        assertEquals(-1, chips.takeInterrupt(), "the line has fallen");
    }

    @Test
    void shouldLowerTheLineWhenTheLastOfItsEventsGoes() {
        chips.out(0x4D0, 1 << GSI);
        irqFds.assign(FD, GSI, () -> resampled++);
        irqFds.signal(FD);
        irqFds.deassign(FD, GSI);
        assertEquals(-1, chips.takeInterrupt());
    }
}
