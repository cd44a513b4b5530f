package jkvm.soft.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.abi.KvmPitState2;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PitTest {
    private static final int COUNTER_0 = 0x40, COUNTER_2 = 0x42, CONTROL = 0x43, SPEAKER = 0x61, VECTOR = 0x30;
    /** 100 Hz, as Linux counts. */
    private static final int COUNT = 11932;
    private static final long PERIOD = 11932L * 1_000_000_000 / 1_193_181;
    private final JavaChips chips = new JavaChips();

    @BeforeEach
    void initializeThePic() {
        chips.out(0x20, 0x11);
        chips.out(0x21, VECTOR);
        chips.out(0x21, 4);
        chips.out(0x21, 1);
    }

    private void program(int counter, int mode, int count) {
        chips.out(CONTROL, counter << 6 | 0x30 | mode << 1);
        chips.out(COUNTER_0 + counter, count & 0xFF);
        chips.out(COUNTER_0 + counter, count >> 8);
    }

    private boolean takeTick() {
        int vector = chips.takeInterrupt();
        if (vector == VECTOR) {
            chips.out(0x20, 0x20);
        }
        return vector == VECTOR;
    }

    private int readCount(int counter) {
        return chips.in(COUNTER_0 + counter) | chips.in(COUNTER_0 + counter) << 8;
    }

    @Test
    void shouldResetAsKvmDoes() {
        KvmPitState2 state = chips.pitState();
        for (int i = 0; i < 3; i++) {
            assertEquals(0x10000, state.channel(i).count());
            assertEquals(0xFF, state.channel(i).mode());
            assertEquals(i == 2 ? 0 : 1, state.channel(i).gate());
        }
        assertEquals(0, state.flags());
        chips.timers.advance(1 << 14);
        assertEquals(0x10, chips.in(SPEAKER), "only the refresh signal");
    }

    @Test
    void shouldTickPeriodically() {
        program(0, 2, COUNT);
        chips.timers.advance(PERIOD - 1);
        assertFalse(takeTick());
        chips.timers.advance(1);
        assertTrue(takeTick());
        chips.timers.advance(PERIOD);
        assertTrue(takeTick());
    }

    @Test
    void shouldMakeUpForTicksThatTheGuestMissed() {
        program(0, 2, COUNT);
        chips.timers.advance(5 * PERIOD);
        int ticks = 0;
        while (takeTick()) {
            ticks++;
        }
        assertEquals(5, ticks);
    }

    @Test
    void shouldDropMissedTicksWithoutReinjection() {
        chips.pit.setReinject(false);
        program(0, 2, COUNT);
        chips.timers.advance(5 * PERIOD);
        assertTrue(takeTick());
        assertFalse(takeTick());
    }

    @Test
    void shouldInterruptOnceInModeZero() {
        program(0, 0, COUNT);
        chips.timers.advance(PERIOD);
        assertTrue(takeTick());
        chips.timers.advance(10 * PERIOD);
        assertFalse(takeTick());
    }

    @Test
    void shouldLimitTheRateOfTicks() {
        program(0, 2, 1);
        int ticks = 0;
        for (int i = 0; i < 1_000; i++) {
            chips.timers.advance(1_000);
            ticks += takeTick() ? 1 : 0;
        }
        assertEquals(5, ticks, 1);
    }

    @Test
    void shouldCountDownAndWrapInModeZero() {
        program(2, 0, 1000);
        chips.timers.advance(500 * 1_000_000_000L / Pit.FREQUENCY + 1);
        assertEquals(500, readCount(2));
        assertEquals(0, chips.in(SPEAKER) & 0x20);
        chips.timers.advance(501 * 1_000_000_000L / Pit.FREQUENCY);
        assertEquals(0xFFFF, readCount(2));
        assertEquals(0x20, chips.in(SPEAKER) & 0x20, "the output that Linux polls for its calibration");
    }

    @Test
    void shouldLatchCountAndStatus() {
        program(2, 3, 1000);
        chips.out(CONTROL, 0xC8);
        chips.timers.advance(100_000);
        assertEquals(0xB6, chips.in(COUNTER_2), "output high, both bytes, mode 3");
        assertEquals(1000, readCount(2), "as it was when latched");
        chips.out(CONTROL, 0x80);
        int latched = readCount(2);
        assertEquals(1000 - 2 * 119, latched);
    }

    @Test
    void shouldStartAgainWhenTheGateRises() {
        program(2, 2, 60_000);
        chips.timers.advance(10_000_000);
        chips.out(SPEAKER, 1);
        assertEquals(60_000, readCount(2));
        chips.out(SPEAKER, 3);
        assertEquals(KvmPitState2.SPEAKER_DATA_ON, chips.pitState().flags());
        assertEquals(3, chips.in(SPEAKER) & 3);
    }

    @Test
    void shouldLeaveTheRegisterAloneWhenTheControlPortIsRead() {
        assertEquals(0x77, chips.access(Chips.Access.IN_BYTE, CONTROL, 0x77));
    }

    @Test
    void shouldAnswerItsPortsOnly() {
        assertTrue(chips.pit.handlesPort(0x40, 4));
        assertFalse(chips.pit.handlesPort(0x41, 4));
        assertFalse(chips.pit.handlesPort(0x44, 1));
        assertTrue(chips.pit.handlesPort(SPEAKER, 1));
        assertFalse(chips.pit.handlesPort(SPEAKER, 2));
        assertFalse(new Pit(chips.timers, null, false).handlesPort(SPEAKER, 1));
    }

    @Test
    void shouldCountWithoutInterruptControllers() {
        Pit alone = new Pit(chips.timers, null, true);
        alone.writePort(CONTROL, 1, 0xB0);
        alone.writePort(COUNTER_2, 1, 0xE8);
        alone.writePort(COUNTER_2, 1, 3);
        chips.timers.advance(1_000_000);
        assertEquals(1000 - 1193 & 0xFF, alone.readPort(COUNTER_2, 1, 0));
    }

    @Test
    void shouldGoOnFromARestoredState() {
        program(0, 2, COUNT);
        KvmPitState2 state = chips.pitState();
        assertEquals(COUNT, state.channel(0).count());
        program(0, 0, 1);
        chips.timers.advance(PERIOD);
        takeTick();
        chips.pit.write(state);
        chips.timers.advance(PERIOD);
        assertTrue(takeTick());
        chips.timers.advance(PERIOD);
        assertTrue(takeTick());
    }
}
