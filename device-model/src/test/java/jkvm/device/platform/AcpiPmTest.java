package jkvm.device.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.RecordingMachineControl;
import jkvm.bus.StateRoundTrip;
import jkvm.work.FakeClock;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AcpiPmTest {
    private static final int STATUS = AcpiPm.PM1_STATUS_OFFSET;
    private static final int ENABLE = AcpiPm.PM1_ENABLE_OFFSET;
    private static final int CONTROL = AcpiPm.PM1_CONTROL_OFFSET;
    private static final int TIMER = AcpiPm.TIMER_OFFSET;
    private static final int SLEEP_S3 = AcpiPm.SLEEP_ENABLE_BIT | AcpiPm.S3_SLEEP_TYPE << 10;
    private static final long CARRY_24_NANOS = (1L << 23) * 1_000_000_000L / 3_579_545 + 1;

    private final FakeIrqLine sci = new FakeIrqLine();
    private final FakeClock clock = new FakeClock();
    private final RecordingMachineControl machine = new RecordingMachineControl();
    private final AcpiPm pm = new AcpiPm("acpi-pm", sci, clock, machine, false, true);

    private int word(int offset) {
        return (int) pm.read(offset, 2) & 0xffff;
    }

    @Test
    void shouldCountAt3579545HzIn24Bits() {
        assertEquals(0, pm.read(TIMER, 4));
        clock.advance(Duration.ofSeconds(1));
        assertEquals(3_579_545, pm.read(TIMER, 4));
        clock.advance(Duration.ofSeconds(9));
        assertEquals(35_795_450 & 0xff_ffff, pm.read(TIMER, 4));
        assertEquals((35_795_450 >> 8) & 0xffff, word(TIMER + 1));
    }

    @Test
    void shouldCountIn32BitsIfAsked() {
        AcpiPm wide = new AcpiPm("acpi-pm", sci, clock, machine, true, true);
        clock.advance(Duration.ofHours(1));
        assertEquals(3_579_545L * 3600 & 0xffff_ffffL, wide.read(TIMER, 4));
        clock.advance(Duration.ofDays(3650));
        assertEquals(3_579_545L * (3600 + 3650L * 86_400) & 0xffff_ffffL, wide.read(TIMER, 4));
    }

    @Test
    void shouldInterruptWhenTheTimersHighestBitChanges() {
        pm.write(ENABLE, 2, AcpiPm.TIMER_BIT);
        clock.advanceNanos(CARRY_24_NANOS - 1000);
        assertFalse(sci.level());
        clock.advanceNanos(1000);
        assertTrue(sci.level());
        assertEquals(AcpiPm.TIMER_BIT, word(STATUS));
        pm.write(STATUS, 2, AcpiPm.TIMER_BIT);
        assertFalse(sci.level());
        clock.advanceNanos(CARRY_24_NANOS);
        assertTrue(sci.level());
    }

    @Test
    void shouldSetTheTimerStatusWithoutTheInterruptToo() {
        clock.advanceNanos(CARRY_24_NANOS);
        assertEquals(AcpiPm.TIMER_BIT, word(STATUS));
        assertFalse(sci.level());
        assertEquals(0, clock.armedTimers());
        pm.write(ENABLE, 2, AcpiPm.TIMER_BIT);
        assertTrue(sci.level());
    }

    @Test
    void shouldTellAListeningGuestOfThePowerButton() {
        pm.write(ENABLE, 2, AcpiPm.POWER_BUTTON_BIT);
        assertTrue(pm.pressPowerButton());
        assertTrue(sci.level());
        assertEquals(AcpiPm.POWER_BUTTON_BIT, word(STATUS));
        pm.write(STATUS, 2, AcpiPm.POWER_BUTTON_BIT);
        assertFalse(sci.level());
        assertEquals(0, word(STATUS));
    }

    @Test
    void shouldSayThatNobodyListensToThePowerButton() {
        assertFalse(pm.pressPowerButton());
        assertFalse(sci.level());
    }

    @Test
    void shouldClearStatusBitsThatAreWrittenAsOneOnly() {
        pm.pressPowerButton();
        pm.write(STATUS, 2, 0xffff & ~AcpiPm.POWER_BUTTON_BIT);
        assertEquals(AcpiPm.POWER_BUTTON_BIT, word(STATUS));
        pm.write(STATUS + 1, 1, 0x01);
        assertEquals(0, word(STATUS));
    }

    @Test
    void shouldReadStatusAndEnableAsOneDoubleWord() {
        pm.write(STATUS, 4, (long) AcpiPm.POWER_BUTTON_BIT << 16);
        pm.pressPowerButton();
        assertEquals(0x0100_0100, pm.read(STATUS, 4));
    }

    @Test
    void shouldAlwaysBeInAcpiMode() {
        assertEquals(1, word(CONTROL));
        pm.write(CONTROL, 2, 0);
        assertEquals(1, word(CONTROL));
    }

    @ParameterizedTest
    @CsvSource({"4, 2, 0x2001, 0", "5, 1, 0x20, 0", "4, 4, 0x2001, 0", "4, 2, 0x2801, 1"})
    void shouldPowerOffInS5AndInS4(int offset, int size, int value, int toDisk) {
        pm.write(offset, size, value);
        assertEquals(1 - toDisk, machine.powerOffs());
        assertEquals(toDisk, machine.diskSuspends());
        assertEquals(0, word(CONTROL) & AcpiPm.SLEEP_ENABLE_BIT, "SLP_EN reads 0");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 7})
    void shouldWakeAtOnceFromOtherSleepStates(int type) {
        pm.write(CONTROL, 2, AcpiPm.SLEEP_ENABLE_BIT | type << 10);
        assertEquals(0, machine.powerOffs());
        assertEquals(AcpiPm.WAKE_BIT, word(STATUS));
        assertEquals(type << 10 | 1, word(CONTROL));
    }

    @Test
    void shouldWakeFromS3ByTheClockWhereThatIsEnabledAndByThePowerButton() {
        // given
        pm.clockInterrupt();
        pm.write(CONTROL, 2, SLEEP_S3);
        assertEquals(1, machine.suspends());
        // when
        pm.clockInterrupt();
        assertEquals(0, machine.wakeUps());
        pm.write(ENABLE, 2, AcpiPm.RTC_BIT);
        pm.clockInterrupt();
        pm.wakeUp();
        // then
        assertEquals(1, machine.wakeUps());
        assertEquals(AcpiPm.WAKE_BIT | AcpiPm.RTC_BIT, pm.read(STATUS, 4));
        pm.write(CONTROL, 2, SLEEP_S3);
        assertTrue(pm.pressPowerButton());
        pm.wakeUp();
        assertEquals(2, machine.wakeUps());
        assertEquals(AcpiPm.WAKE_BIT | AcpiPm.POWER_BUTTON_BIT, pm.read(STATUS, 4));
    }

    @Test
    void shouldWakeAtOnceFromS3WhereTheMachineDoesNotSuspend() {
        AcpiPm awake = new AcpiPm("acpi-pm", sci, clock, machine, false, false);
        awake.write(CONTROL, 2, SLEEP_S3);
        assertEquals(0, machine.suspends());
        assertEquals(AcpiPm.WAKE_BIT, awake.read(STATUS, 2));
    }

    @Test
    void shouldSuspendTheMachineThatGetsItsState() {
        RecordingMachineControl otherMachine = new RecordingMachineControl();
        AcpiPm other = new AcpiPm("acpi-pm", new FakeIrqLine(), new FakeClock(), otherMachine, false, true);
        StateRoundTrip.copy(pm, other);
        assertEquals(0, otherMachine.suspends());
        pm.write(CONTROL, 2, SLEEP_S3);
        StateRoundTrip.copy(pm, other);
        assertEquals(1, otherMachine.suspends());
    }

    @Test
    @DisplayName("an access that straddles registers reads all ones and writes nothing")
    void shouldRefuseStraddlingAccesses() {
        assertEquals(-1, pm.read(2, 4));
        pm.write(3, 4, 0x2020_2020);
        assertEquals(0, machine.powerOffs());
        assertEquals(0, pm.read(6, 2));
    }

    @Test
    void shouldClearEventsButNotTheTimerOnReset() {
        pm.write(ENABLE, 2, AcpiPm.POWER_BUTTON_BIT | AcpiPm.TIMER_BIT);
        pm.pressPowerButton();
        clock.advance(Duration.ofSeconds(1));
        pm.reset();
        assertFalse(sci.level());
        assertEquals(0, pm.read(STATUS, 4));
        assertEquals(3_579_545, pm.read(TIMER, 4));
        assertEquals(0, clock.armedTimers());
    }

    @Test
    void shouldCarryItsStateIntoAnotherMachine() {
        pm.write(ENABLE, 2, AcpiPm.TIMER_BIT | AcpiPm.POWER_BUTTON_BIT);
        clock.advance(Duration.ofSeconds(1));
        pm.pressPowerButton();
        FakeClock otherClock = new FakeClock();
        otherClock.advanceMillis(12_345);
        FakeIrqLine otherSci = new FakeIrqLine();
        AcpiPm other = new AcpiPm("acpi-pm", otherSci, otherClock, machine, false, true);

        StateRoundTrip.copy(pm, other);

        assertTrue(otherSci.level());
        assertEquals(3_579_545, other.read(TIMER, 4));
        other.write(STATUS, 2, AcpiPm.POWER_BUTTON_BIT);
        otherClock.advanceNanos(CARRY_24_NANOS);
        assertTrue(otherSci.level(), "the timer goes on");
    }
}
