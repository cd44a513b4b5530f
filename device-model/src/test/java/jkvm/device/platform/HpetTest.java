package jkvm.device.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.SharedIrqLine;
import jkvm.bus.StateRoundTrip;
import jkvm.work.FakeClock;
import org.junit.jupiter.api.Test;

class HpetTest {
    private static final int TIMER0 = Hpet.TIMERS_OFFSET, TIMER1 = TIMER0 + Hpet.TIMER_SIZE, COMPARATOR = 8;
    private static final int EDGE = HpetTimer.ENABLE_BIT, LEVEL = EDGE | HpetTimer.LEVEL_BIT;
    private static final int PERIODIC = EDGE | HpetTimer.PERIODIC_BIT | HpetTimer.SET_VALUE_BIT;
    private static final int TICK = Hpet.TICK_NANOS;

    private final FakeClock clock = new FakeClock();
    private final FakeIrqLine timerLine = new FakeIrqLine();
    private final FakeIrqLine clockLine = new FakeIrqLine();
    private final List<Boolean> legacy = new ArrayList<>();
    private final Map<Integer, SharedIrqLine> lines = Map.of(0, new SharedIrqLine(timerLine),
            8, new SharedIrqLine(clockLine));
    private final Hpet hpet = new Hpet("hpet", clock, gsi -> lines.get(gsi).input(), legacy::add);

    private void enable(int bits) {
        hpet.write(Hpet.CONFIGURATION_OFFSET, 8, Hpet.ENABLE_BIT | bits);
    }

    private void set(int timer, int configuration, long comparator) {
        hpet.write(timer, 8, configuration);
        hpet.write(timer + COMPARATOR, 8, comparator);
    }

    @Test
    void shouldShowQemusCapabilities() {
        assertEquals(0x0098_9680_8086_A201L, hpet.read(0, 8));
        assertEquals(0x8086_A201L, hpet.read(0, 4) & 0xFFFF_FFFFL);
        assertEquals(0x0098_9680L, hpet.read(4, 4));
        for (int i = 0; i < Hpet.TIMERS; i++) {
            assertEquals(0x0000_0004_0000_0030L, hpet.read(TIMER0 + i * Hpet.TIMER_SIZE, 8));
            assertEquals(-1, hpet.read(TIMER0 + i * Hpet.TIMER_SIZE + COMPARATOR, 8));
        }
    }

    @Test
    void shouldCountWhileItIsEnabledAndBeSetWhileItIsNot() {
        clock.advanceNanos(1000 * TICK);
        assertEquals(0, hpet.read(Hpet.COUNTER_OFFSET, 8));
        hpet.write(Hpet.COUNTER_OFFSET, 8, 0xFFFF_FFFFL);
        enable(0);
        clock.advanceNanos(5 * TICK);
        assertEquals(0x1_0000_0004L, hpet.read(Hpet.COUNTER_OFFSET, 8));
        assertEquals(1, hpet.read(Hpet.COUNTER_OFFSET + 4, 4));
        hpet.write(Hpet.COUNTER_OFFSET, 8, 0);
        assertEquals(0x1_0000_0004L, hpet.read(Hpet.COUNTER_OFFSET, 8), "a running counter cannot be set");
        hpet.write(Hpet.CONFIGURATION_OFFSET, 4, 0);
        clock.advanceNanos(1000 * TICK);
        assertEquals(0x1_0000_0004L, hpet.read(Hpet.COUNTER_OFFSET, 8));
    }

    @Test
    void shouldInterruptOnceAtTheComparator() {
        enable(0);
        set(TIMER0, EDGE, 10_000);
        clock.advanceNanos(10_000 * TICK - 1);
        assertEquals(0, timerLine.edges());
        clock.advanceNanos(1);
        assertEquals(1, timerLine.edges());
        assertFalse(timerLine.level());
        clock.advanceMillis(1000);
        assertEquals(1, timerLine.edges());
        assertEquals(0, hpet.read(Hpet.STATUS_OFFSET, 8), "edges leave no status");
    }

    @Test
    void shouldInterruptPeriodically() {
        enable(Hpet.LEGACY_BIT);
        hpet.write(TIMER0, 8, PERIODIC);
        hpet.write(TIMER0 + COMPARATOR, 8, 100_000);
        hpet.write(TIMER0 + COMPARATOR, 8, 50_000);
        clock.advanceNanos(100_000 * TICK);
        assertEquals(1, timerLine.edges(), "the first write sets the comparator, the second the period");
        clock.advanceNanos(500_000 * TICK);
        assertEquals(11, timerLine.edges());
    }

    @Test
    void shouldHoldALevelInterruptUntilItsStatusIsCleared() {
        enable(0);
        set(TIMER1, LEVEL, 10_000);
        clock.advanceMillis(1);
        assertTrue(timerLine.level());
        assertEquals(2, hpet.read(Hpet.STATUS_OFFSET, 8));
        hpet.write(Hpet.STATUS_OFFSET, 8, 5);
        assertTrue(timerLine.level(), "other timers' bits");
        hpet.write(Hpet.STATUS_OFFSET, 8, 2);
        assertFalse(timerLine.level());
        assertEquals(0, hpet.read(Hpet.STATUS_OFFSET, 8));
    }

    @Test
    void shouldReplaceTheIntervalTimerAndTheClock() {
        enable(Hpet.LEGACY_BIT);
        assertEquals(List.of(true), legacy);
        set(TIMER0, EDGE, 10_000);
        set(TIMER1, EDGE, 20_000);
        clock.advanceMillis(1);
        assertEquals(1, timerLine.edges());
        assertEquals(1, clockLine.edges());
        enable(0);
        assertEquals(List.of(true, false), legacy);
        hpet.write(Hpet.CONFIGURATION_OFFSET, 8, 3);
        hpet.reset();
        assertEquals(List.of(true, false, true, false), legacy);
    }

    @Test
    void shouldCompare32BitsOnRequest() {
        hpet.write(Hpet.COUNTER_OFFSET, 8, 0x1_FFFF_0000L);
        enable(0);
        set(TIMER0, EDGE | HpetTimer.NARROW_BIT, 0x7_0001_0000L);
        assertEquals(0x1_0000, hpet.read(TIMER0 + COMPARATOR, 8));
        clock.advanceNanos(0x1_0000 * TICK);
        assertEquals(1, timerLine.edges(), "a one-shot timer of 32 bits interrupts when the counter begins anew");
        clock.advanceNanos(0x1_0000 * TICK);
        assertEquals(2, timerLine.edges());
        clock.advanceMillis(1000);
        assertEquals(2, timerLine.edges());
    }

    @Test
    void shouldNotBeDrivenFasterThanItsLimit() {
        enable(0);
        hpet.write(TIMER0, 8, PERIODIC);
        hpet.write(TIMER0 + COMPARATOR, 8, 1);
        clock.advanceMillis(10);
        assertTrue(timerLine.edges() <= 10_000_000 / Hpet.SHORTEST_NANOS + 1, () -> timerLine.edges() + " interrupts");
    }

    @Test
    void shouldTakeWholeWordsOnly() {
        enable(0);
        assertEquals(0, hpet.read(0, 1));
        assertEquals(0, hpet.read(2, 4));
        hpet.write(Hpet.CONFIGURATION_OFFSET, 1, 0);
        hpet.write(Hpet.CONFIGURATION_OFFSET + 2, 2, 0);
        assertEquals(1, hpet.read(Hpet.CONFIGURATION_OFFSET, 8));
        assertEquals(0, hpet.read(0x3F8, 8));
    }

    @Test
    void shouldKeepItsStateInASnapshot() {
        enable(0);
        set(TIMER0, EDGE, 500_000);
        set(TIMER1, LEVEL, 1000);
        clock.advanceMillis(1);
        FakeIrqLine line = new FakeIrqLine();
        SharedIrqLine copied = new SharedIrqLine(line);
        Hpet copy = new Hpet("hpet", clock, _ -> copied.input(), on -> { });
        StateRoundTrip.copy(hpet, copy);
        hpet.write(Hpet.CONFIGURATION_OFFSET, 8, 0);
        assertEquals(100_000, copy.read(Hpet.COUNTER_OFFSET, 8));
        assertEquals(2, copy.read(Hpet.STATUS_OFFSET, 8));
        assertTrue(line.level(), "a level interrupt is still there");
        copy.write(Hpet.STATUS_OFFSET, 8, 2);
        assertFalse(line.level());
        clock.advanceMillis(4);
        assertEquals(1, timerLine.edges(), "the level interrupt before the copy");
    }

    @Test
    void shouldSurviveAnyAccess() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            int size = 1 << random.nextInt(4);
            long offset = random.nextBoolean() ? random.nextInt(Hpet.SIZE) & -size : random.nextInt(0x30) * 4 & -size;
            hpet.write(offset, size, random.nextBoolean() ? random.nextLong() : random.nextInt(0x200));
            hpet.read(offset, size);
            clock.advanceNanos(random.nextInt(100_000));
        }
        hpet.reset();
        assertEquals(0, hpet.read(Hpet.CONFIGURATION_OFFSET, 8));
        assertEquals(0, clock.armedTimers());
    }
}
