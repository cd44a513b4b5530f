package jkvm.soft.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jkvm.abi.KvmLapicState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LapicTimerTest {
    private static final int BASE = 0xFEE00000, VECTOR = 0x60;
    private static final int DIVIDE_BY_1 = 0xB, DIVIDE_BY_16 = 3;
    private final JavaChips chips = new JavaChips();
    private final Lapic lapic = chips.lapics[0];

    @BeforeEach
    void enable() {
        lapic.setFeatures(true, true, 40);
        store(ApicRegister.SPURIOUS_VECTOR, 0x1FF);
        store(ApicRegister.DIVIDE_CONFIGURATION, DIVIDE_BY_1);
    }

    private void store(int register, int value) {
        chips.store(BASE + register, value);
    }

    private int load(int register) {
        return chips.load(BASE + register);
    }

    private int takeAndEnd() {
        int vector = chips.takeInterrupt();
        store(ApicRegister.EOI, 0);
        return vector;
    }

    @Test
    void shouldCountTheBusClockOnce() {
        store(ApicRegister.LVT_TIMER, VECTOR);
        store(ApicRegister.INITIAL_COUNT, 1000);
        chips.timers.advance(400);
        assertEquals(600, load(ApicRegister.CURRENT_COUNT));
        chips.timers.advance(599);
        assertEquals(-1, takeAndEnd());
        chips.timers.advance(1);
        assertEquals(VECTOR, takeAndEnd());
        assertEquals(0, load(ApicRegister.CURRENT_COUNT));
        chips.timers.advance(1_000_000);
        assertEquals(-1, takeAndEnd());
    }

    @Test
    void shouldDivideTheClockAndKeepWhatIsLeftWhenItChanges() {
        store(ApicRegister.LVT_TIMER, VECTOR);
        store(ApicRegister.DIVIDE_CONFIGURATION, DIVIDE_BY_16);
        store(ApicRegister.INITIAL_COUNT, 100);
        chips.timers.advance(800);
        assertEquals(50, load(ApicRegister.CURRENT_COUNT));
        store(ApicRegister.DIVIDE_CONFIGURATION, DIVIDE_BY_1);
        assertEquals(50, load(ApicRegister.CURRENT_COUNT));
        chips.timers.advance(50);
        assertEquals(VECTOR, takeAndEnd());
    }

    @Test
    void shouldRepeatButNotFasterThanTheLimit() {
        store(ApicRegister.LVT_TIMER, VECTOR | ApicRegister.TIMER_PERIODIC_BIT);
        store(ApicRegister.INITIAL_COUNT, 1);
        int interrupts = 0;
        for (int i = 0; i < 10_000; i++) {
            chips.timers.advance(100);
            if (takeAndEnd() == VECTOR) {
                interrupts++;
            }
        }
        assertEquals(1_000_000 / LapicTimer.SHORTEST_PERIOD_NANOS, interrupts);
    }

    @Test
    void shouldKeepThePeriodWhenItIsLate() {
        store(ApicRegister.LVT_TIMER, VECTOR | ApicRegister.TIMER_PERIODIC_BIT);
        store(ApicRegister.INITIAL_COUNT, 1_000_000);
        chips.timers.advance(10_300_000);
        assertEquals(700_000, load(ApicRegister.CURRENT_COUNT));
        assertEquals(VECTOR, takeAndEnd());
    }

    @Test
    void shouldNotInterruptWhileMasked() {
        store(ApicRegister.LVT_TIMER, VECTOR | ApicRegister.LVT_MASKED_BIT);
        store(ApicRegister.INITIAL_COUNT, 100);
        chips.timers.advance(100);
        assertEquals(-1, takeAndEnd());
    }

    @Test
    void shouldFollowTheTimeStampCounterInDeadlineMode() {
        lapic.setTscDeadline(5_000);
        assertEquals(0, lapic.tscDeadline(), "not in deadline mode");
        store(ApicRegister.LVT_TIMER, VECTOR | ApicRegister.TIMER_TSC_DEADLINE_BIT);
        lapic.setTscDeadline(5_000);
        assertEquals(5_000, lapic.tscDeadline());
        assertEquals(0, load(ApicRegister.CURRENT_COUNT));
        chips.timers.advance(5_000);
        assertEquals(VECTOR, takeAndEnd());
        assertEquals(0, lapic.tscDeadline());
        lapic.setTscDeadline(1);
        assertEquals(VECTOR, takeAndEnd(), "a deadline that has passed");
        lapic.setTscDeadline(9_000);
        lapic.setTscDeadline(0);
        chips.timers.advance(10_000);
        assertEquals(-1, takeAndEnd(), "disarmed");
    }

    @Test
    void shouldForgetTheCountWhenTheModeChangesToDeadlines() {
        store(ApicRegister.LVT_TIMER, VECTOR);
        store(ApicRegister.INITIAL_COUNT, 1000);
        store(ApicRegister.LVT_TIMER, VECTOR | ApicRegister.TIMER_TSC_DEADLINE_BIT);
        assertEquals(0, load(ApicRegister.INITIAL_COUNT));
        chips.timers.advance(1000);
        assertEquals(-1, takeAndEnd());
    }

    @Test
    void shouldHaveOnlyTheModesThatCpuidOffers() {
        chips.lapics[1].writeMmio(0xFEE000F0L, 4, 0x1FF);
        chips.lapics[1].writeMmio(0xFEE00320L, 4, 0x60060);
        assertEquals(0x60, chips.lapics[1].readMmio(0xFEE00320L, 4), "no CPUID set: one-shot only");
    }

    @Test
    void shouldGoOnFromARestoredCount() {
        store(ApicRegister.LVT_TIMER, VECTOR | ApicRegister.TIMER_PERIODIC_BIT);
        store(ApicRegister.INITIAL_COUNT, 1_000_000);
        chips.timers.advance(250_000);
        KvmLapicState state = new KvmLapicState();
        lapic.read(state);
        assertEquals(750_000, state.register(ApicRegister.CURRENT_COUNT));
        chips.timers.advance(500_000);
        lapic.write(state);
        chips.timers.advance(749_999);
        assertEquals(-1, takeAndEnd());
        chips.timers.advance(1);
        assertEquals(VECTOR, takeAndEnd());
        chips.timers.advance(1_000_000);
        assertEquals(VECTOR, takeAndEnd());
    }
}
