package jkvm.soft.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PicTest {
    private static final int MASTER = 0x20, SLAVE = 0xA0, END = 0x20;
    private final JavaChips chips = new JavaChips();

    @BeforeEach
    void initializeAsFirmwareDoes() {
        initialize(MASTER, 0x30, 4, 1);
        initialize(SLAVE, 0x38, 2, 1);
    }

    private void initialize(int port, int base, int icw3, int icw4) {
        chips.out(port, 0x11);
        chips.out(port + 1, base);
        chips.out(port + 1, icw3);
        chips.out(port + 1, icw4);
    }

    private void pulse(int gsi) {
        chips.setLine(gsi, true);
        chips.setLine(gsi, false);
    }

    @Test
    void shouldTakeTheMoreUrgentInputFirst() {
        pulse(5);
        pulse(1);
        assertEquals(0x31, chips.takeInterrupt());
        assertEquals(-1, chips.takeInterrupt(), "5 waits for the end of 1");
        chips.out(MASTER, END);
        assertEquals(0x35, chips.takeInterrupt());
    }

    @Test
    void shouldReachTheProcessorThroughTheCascade() {
        pulse(12);
        assertEquals(0x3C, chips.takeInterrupt());
        chips.out(MASTER, 0x0B);
        assertEquals(1 << 2, chips.in(MASTER), "in service at the master");
        chips.out(SLAVE, END);
        chips.out(MASTER, END);
        assertEquals(0, chips.in(MASTER));
    }

    @Test
    void shouldGiveTheSpuriousVectorWhenALevelGoesAway() {
        chips.out(0x4D0, 1 << 5);
        chips.setLine(5, true);
        assertTrue(chips.lapics[0].hasInterrupt());
        chips.chips.pic().setLine(5, IrqChips.USER_SOURCE, false);
        assertFalse(chips.lapics[0].hasInterrupt());
        assertEquals(0x37, chips.chips.pic().acknowledge());
    }

    @Test
    void shouldInterruptAgainWhileALevelStaysHigh() {
        chips.out(0x4D0, 1 << 5);
        chips.setLine(5, true);
        assertEquals(0x35, chips.takeInterrupt());
        chips.out(MASTER, END);
        assertEquals(0x35, chips.takeInterrupt());
    }

    @Test
    void shouldKeepAnEdgeUntilItIsUnmasked() {
        chips.out(MASTER + 1, 0xFF);
        assertEquals(-1, chips.chips.pic().setLine(3, IrqChips.USER_SOURCE, true));
        assertEquals(-1, chips.takeInterrupt());
        chips.out(MASTER + 1, 0);
        assertEquals(0x33, chips.takeInterrupt());
    }

    @Test
    void shouldRotatePrioritiesOnCommand() {
        chips.out(MASTER, 0xC0 | 4);
        pulse(1);
        pulse(5);
        assertEquals(0x35, chips.takeInterrupt(), "5 is now the most urgent");
        chips.out(MASTER, 0xA0);
        assertEquals(0x31, chips.takeInterrupt());
    }

    @Test
    void shouldEndInterruptsByItselfInAutomaticMode() {
        initialize(MASTER, 0x30, 4, 3);
        pulse(1);
        pulse(3);
        assertEquals(0x31, chips.takeInterrupt());
        assertEquals(0x33, chips.takeInterrupt());
    }

    @Test
    void shouldAnswerAPoll() {
        pulse(6);
        chips.out(MASTER, 0x0C);
        assertEquals(0x86, chips.in(MASTER));
        assertEquals(-1, chips.takeInterrupt(), "the poll has taken it");
        chips.out(MASTER, 0x0C);
        assertEquals(7, chips.in(MASTER));
    }

    @Test
    void shouldHandleWordsWithoutEffectAndLeaveLongerAccessesToUserSpace() {
        assertEquals(0x5555_0000, chips.access(Chips.Access.IN_WORD, MASTER, 0x5555_1234));
        chips.access(Chips.Access.OUT_WORD, MASTER, 0x11);
        assertFalse(chips.chips.handlesPort(MASTER, 4));
        assertFalse(chips.chips.handlesPort(MASTER + 1, 2));
        assertFalse(chips.chips.handlesPort(0x22, 1));
        pulse(1);
        assertEquals(0x31, chips.takeInterrupt(), "the word did not begin an initialization");
    }

    @Test
    void shouldKeepOnlyTheInputsThatMayBeLevelTriggered() {
        chips.out(0x4D0, 0xFF);
        chips.out(0x4D1, 0xFF);
        assertEquals(0xF8, chips.in(0x4D0));
        assertEquals(0xDE, chips.in(0x4D1));
    }
}
