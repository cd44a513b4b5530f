package jkvm.device.platform;

import static jkvm.device.platform.Ports.in;
import static jkvm.device.platform.Ports.out;
import static jkvm.device.platform.RtcCalendar.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.StateRoundTrip;
import jkvm.work.FakeClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RtcTest {
    private static final int A = Rtc.A_REGISTER;
    private static final int B = Rtc.B_REGISTER;
    private static final int C = Rtc.C_REGISTER;
    private static final long MIB = 1 << 20;

    private final FakeIrqLine irq = new FakeIrqLine();
    private final FakeClock clock = new FakeClock();
    private Rtc rtc = new Rtc("rtc", irq, clock, 128 * MIB, 0, 1);

    private int get(int register) {
        return get(rtc, register);
    }

    private static int get(Rtc rtc, int register) {
        out(rtc, 0, register);
        return in(rtc, 1);
    }

    private void set(int register, int value) {
        out(rtc, 0, register);
        out(rtc, 1, value);
    }

    private void startAt(String wall) {
        clock.setWallTime(Instant.parse(wall));
        rtc = new Rtc("rtc", irq, clock, 128 * MIB, 0, 1);
    }

    /** Century, year, month, day, hours, minutes, seconds, as the registers' hexadecimal digits. */
    private String time() {
        return time(rtc);
    }

    private static String time(Rtc rtc) {
        return "%02x%02x-%02x-%02x %02x:%02x:%02x".formatted(get(rtc, CENTURY_REGISTER), get(rtc, YEAR_REGISTER),
                get(rtc, MONTH_REGISTER), get(rtc, DAY_REGISTER), get(rtc, HOURS_REGISTER),
                get(rtc, MINUTES_REGISTER), get(rtc, SECONDS_REGISTER));
    }

    // Time.

    @Test
    void shouldShowTheHostsTimeInBcdAnd24Hours() {
        assertEquals("2024-02-28 12:34:56", time());
        assertEquals(4, get(WEEKDAY_REGISTER), "a Wednesday; Sunday is 1");
        assertEquals(0x02, get(B));
        assertEquals(0x26, get(A));
        assertEquals(0x80, get(Rtc.D_REGISTER));
    }

    @Test
    void shouldGoOnOverLeapDaysAndTheEndOfAYear() {
        clock.advance(Duration.ofHours(12));
        assertEquals("2024-02-29 00:34:56", time());
        clock.advance(Duration.ofDays(1));
        assertEquals("2024-03-01 00:34:56", time());
        clock.advance(Duration.ofDays(306));
        assertEquals("2025-01-01 00:34:56", time());
    }

    @Test
    void shouldShowBinaryNumbersIfAsked() {
        set(B, Rtc.B_BINARY_BIT | Rtc.B_24_HOURS_BIT);
        assertEquals("1418-02-1c 0c:22:38", time());
    }

    @ParameterizedTest
    @CsvSource({"00:10, 12", "01:10, 01", "11:59, 11", "12:00, 92", "13:00, 81", "23:59, 91"})
    void shouldShowTwelveHoursWithPm(String time, String register) {
        startAt("2024-02-28T" + time + ":00Z");
        set(B, 0);
        assertEquals(Integer.parseInt(register, 16), get(HOURS_REGISTER));
        // The same value written back means the same time.
        set(HOURS_REGISTER, Integer.parseInt(register, 16));
        set(B, Rtc.B_24_HOURS_BIT);
        assertEquals(time.substring(0, 2), "%02x".formatted(get(HOURS_REGISTER)));
    }

    @Test
    void shouldAgreeWithTheCalendarOverFourCenturies() {
        byte[] cmos = new byte[128];
        for (long day = -200_000; day < 2_000_000; day += 97) {
            long seconds = day * 86_400 + Math.floorMod(day * 7919, 86_400);
            var expected = Instant.ofEpochSecond(seconds).atOffset(ZoneOffset.UTC);
            RtcCalendar.encode(seconds, cmos, true, true);
            assertEquals(expected.getYear(), cmos[CENTURY_REGISTER] * 100 + cmos[YEAR_REGISTER]);
            assertEquals(expected.getMonthValue(), cmos[MONTH_REGISTER]);
            assertEquals(expected.getDayOfMonth(), cmos[DAY_REGISTER]);
            assertEquals(expected.getDayOfWeek().getValue() % 7 + 1, cmos[WEEKDAY_REGISTER]);
            assertEquals(seconds, RtcCalendar.decode(cmos, true, true));
        }
    }

    @Test
    void shouldTakeATimeAsLinuxSetsIt() {
        clock.advanceNanos(123_456_789);
        int b = get(B);
        int a = get(A);
        set(B, b | Rtc.B_SET_BIT);
        set(A, a | 0x70);
        set(CENTURY_REGISTER, 0x19);
        set(YEAR_REGISTER, 0x99);
        set(MONTH_REGISTER, 0x12);
        set(DAY_REGISTER, 0x31);
        set(HOURS_REGISTER, 0x23);
        set(MINUTES_REGISTER, 0x59);
        set(SECONDS_REGISTER, 0x59);
        clock.advance(Duration.ofSeconds(5));
        assertEquals("1999-12-31 23:59:59", time(), "stands still while SET");
        set(B, b);
        set(A, a);
        clock.advanceMillis(499);
        assertEquals("1999-12-31 23:59:59", time());
        clock.advanceMillis(2);
        assertEquals("2000-01-01 00:00:00", time(), "the divider's first update comes after half a second");
    }

    @Test
    void shouldTakeATimeThatIsWrittenWhileItRuns() {
        set(MINUTES_REGISTER, 0x07);
        assertEquals("2024-02-28 12:07:56", time());
    }

    @Test
    void shouldFoldADateThatDoesNotExist() {
        for (int register : new int[] {CENTURY_REGISTER, YEAR_REGISTER, MONTH_REGISTER, DAY_REGISTER, HOURS_REGISTER,
                MINUTES_REGISTER, SECONDS_REGISTER, WEEKDAY_REGISTER}) {
            for (int value = 0; value < 256; value++) {
                set(register, value);
                int month = get(MONTH_REGISTER);
                assertTrue(month >= 1 && month <= 0x12);
                assertTrue(get(SECONDS_REGISTER) <= 0x59);
            }
        }
    }

    @Test
    void shouldFollowTheHostsClock() {
        clock.advance(Duration.ofSeconds(2));
        clock.setWallTime(Instant.parse("2030-06-01T08:00:00Z"));
        clock.advance(Duration.ofSeconds(1));
        assertEquals("2030-06-01 08:00:01", time());
    }

    @Test
    void shouldKeepTheGuestsDistanceFromTheHostsClock() {
        set(HOURS_REGISTER, 0x14);
        clock.setWallTime(Instant.parse("2024-02-28T13:00:00Z"));
        clock.advance(Duration.ofSeconds(1));
        assertEquals("2024-02-28 15:00:01", time());
    }

    @Test
    void shouldShowUpdatesInProgressJustBeforeTheSecondChanges() {
        clock.advanceNanos(999_700_000);
        assertEquals(0, get(A) & Rtc.A_UPDATE_IN_PROGRESS_BIT);
        clock.advanceNanos(100_000);
        assertEquals(Rtc.A_UPDATE_IN_PROGRESS_BIT, get(A) & Rtc.A_UPDATE_IN_PROGRESS_BIT);
        clock.advanceNanos(200_000);
        assertEquals(0, get(A) & Rtc.A_UPDATE_IN_PROGRESS_BIT);
        assertEquals("2024-02-28 12:34:57", time());
        clock.advanceNanos(999_900_000);
        set(B, Rtc.B_SET_BIT);
        assertEquals(0, get(A) & Rtc.A_UPDATE_IN_PROGRESS_BIT, "none while SET");
    }

    @Test
    void shouldNotLetTheGuestWriteUip() {
        set(A, 0xa6);
        assertEquals(0x26, get(A));
    }

    // Interrupts.

    @Test
    void shouldInterruptAtEachUpdate() {
        set(B, 0x02 | Rtc.UPDATE_BIT);
        clock.advanceMillis(1001);
        assertTrue(irq.level());
        assertEquals(0xd0, get(C), "PF shows without its interrupt too");
        assertFalse(irq.level());
        assertEquals(0, get(C));
        clock.advanceMillis(1000);
        assertEquals(2, irq.edges());
    }

    @Test
    void shouldNotInterruptAgainUntilRegisterCIsRead() {
        set(B, 0x02 | Rtc.UPDATE_BIT | Rtc.PERIODIC_BIT);
        clock.advance(Duration.ofSeconds(10));
        assertEquals(1, irq.edges());
        assertEquals(0, clock.armedTimers());
        assertTrue(clock.firedTimers() < 2000);
        assertEquals(0xd0, get(C));
        clock.advance(Duration.ofSeconds(10));
        assertEquals(2, irq.edges());
    }

    @ParameterizedTest
    @CsvSource({"1, 256", "2, 128", "3, 8192", "6, 1024", "10, 64", "15, 2"})
    void shouldInterruptAtThePeriodicRate(int rate, int hertz) {
        set(A, 0x20 | rate);
        set(B, 0x02 | Rtc.PERIODIC_BIT);
        int count = 0;
        long end = clock.nanoTime() + 1_000_000_000L;
        while (clock.nanoTime() < end) {
            clock.advanceNanos(20_000);
            count += (get(C) & Rtc.PERIODIC_BIT) != 0 ? 1 : 0;
        }
        assertEquals(hertz, count);
        assertEquals(hertz, irq.edges());
    }

    @ParameterizedTest
    @ValueSource(ints = {0x20, 0x66, 0x76})
    void shouldNotTickWithoutRateOrDivider(int a) {
        set(A, a);
        set(B, 0x02 | Rtc.PERIODIC_BIT);
        clock.advance(Duration.ofSeconds(3));
        assertEquals(0, get(C) & Rtc.PERIODIC_BIT);
        assertEquals(0, irq.edges());
    }

    @Test
    void shouldInterruptAtTheAlarm() {
        set(SECONDS_ALARM_REGISTER, 0x30);
        set(MINUTES_ALARM_REGISTER, 0x35);
        set(HOURS_ALARM_REGISTER, 0x12);
        set(B, 0x02 | Rtc.ALARM_BIT);
        clock.advanceMillis(33_999);
        assertFalse(irq.level());
        clock.advanceMillis(2);
        assertTrue(irq.level());
        assertEquals(0xf0, get(C));
        clock.advance(Duration.ofHours(23));
        assertFalse(irq.level());
        clock.advance(Duration.ofHours(1));
        assertTrue(irq.level());
    }

    @ParameterizedTest
    @CsvSource({"0xc0, 0xff, 0xff, 1", "0x00, 0xff, 0xff, 4", "0x00, 0x00, 0xc0, 1504", "0x56, 0xff, 0xff, 60"})
    void shouldMatchAnythingWhereTheAlarmDoesNotCare(int second, int minute, int hour, int after) {
        set(SECONDS_ALARM_REGISTER, second);
        set(MINUTES_ALARM_REGISTER, minute);
        set(HOURS_ALARM_REGISTER, hour);
        set(B, 0x02 | Rtc.ALARM_BIT);
        clock.advanceMillis(after * 1000L - 1);
        assertFalse(irq.level());
        clock.advanceMillis(1);
        assertTrue(irq.level());
    }

    @Test
    void shouldMatchTheAlarmInTwelveHourMode() {
        set(B, 0);
        set(SECONDS_ALARM_REGISTER, 0);
        set(MINUTES_ALARM_REGISTER, 0);
        set(HOURS_ALARM_REGISTER, 0x81);
        set(B, Rtc.ALARM_BIT);
        clock.advance(Duration.ofSeconds(25 * 60 + 3));
        assertFalse(irq.level());
        clock.advance(Duration.ofSeconds(1));
        assertTrue(irq.level());
    }

    @Test
    void shouldNeverMatchAnAlarmThatIsNoTime() {
        set(SECONDS_ALARM_REGISTER, 0x77);
        set(MINUTES_ALARM_REGISTER, 0xff);
        set(HOURS_ALARM_REGISTER, 0xff);
        set(B, 0x02 | Rtc.ALARM_BIT);
        clock.advance(Duration.ofDays(2));
        assertEquals(0, get(C) & Rtc.ALARM_BIT);
        assertEquals(0, irq.edges());
    }

    @Test
    void shouldSetFlagsForAGuestThatPolls() {
        set(SECONDS_ALARM_REGISTER, 0x58);
        set(MINUTES_ALARM_REGISTER, 0x34);
        set(HOURS_ALARM_REGISTER, 0x12);
        clock.advance(Duration.ofSeconds(5));
        assertEquals(0x70, get(C), "all three, and no request");
        assertEquals(0, irq.edges());
        assertEquals(0, clock.firedTimers());
    }

    @Test
    void shouldRequestAtOnceWhenAPendingFlagIsEnabled() {
        clock.advance(Duration.ofSeconds(2));
        set(B, 0x02 | Rtc.UPDATE_BIT);
        assertTrue(irq.level());
    }

    @Test
    void shouldTakeUpdateInterruptsBackWhileSet() {
        set(B, 0x02 | Rtc.B_SET_BIT | Rtc.UPDATE_BIT);
        assertEquals(0x82, get(B));
    }

    // CMOS memory.

    @ParameterizedTest
    @CsvSource({
        // below 4G, above 4G: base KiB, extended KiB, over 16 MiB and over 4 GiB in units of 64 KiB
        "134217728, 0, 640, 65535, 1792, 0",
        "16777216, 0, 640, 15360, 0, 0",
        "524288, 0, 512, 0, 0, 0",
        "3221225472, 5368709120, 640, 65535, 48896, 81920",
        "3221225472, 1099511627776, 640, 65535, 48896, 16777215"})
    void shouldTellTheMemorySizes(long below, long above, int base, int extended, int over16M, int over4G) {
        rtc = new Rtc("rtc", irq, clock, below, above, 4);
        assertEquals(base, get(0x15) | get(0x16) << 8);
        assertEquals(extended, get(0x17) | get(0x18) << 8);
        assertEquals(extended, get(0x30) | get(0x31) << 8);
        assertEquals(over16M, get(0x34) | get(0x35) << 8);
        assertEquals(over4G, get(0x5b) | get(0x5c) << 8 | get(0x5d) << 16);
        assertEquals(3, get(0x5f), "processors after the first");
    }

    @Test
    void shouldKeepTheShutdownByteTimeAndMemoryOverAReset() {
        set(Rtc.SHUTDOWN_REGISTER, 0x0a);
        set(HOURS_REGISTER, 0x05);
        set(B, 0x02 | Rtc.UPDATE_BIT | Rtc.PERIODIC_BIT);
        clock.advance(Duration.ofSeconds(1));
        rtc.reset();
        assertFalse(irq.level());
        assertEquals(0x02, get(B));
        assertEquals(0, get(C));
        assertEquals(0x0a, get(Rtc.SHUTDOWN_REGISTER));
        assertEquals("2024-02-28 05:34:57", time());
        assertEquals(0, clock.armedTimers());
    }

    @Test
    void shouldKeepTheNmiMaskApartFromTheIndex() {
        out(rtc, 0, 0x80 | Rtc.SHUTDOWN_REGISTER);
        assertTrue(rtc.isNmiMasked());
        out(rtc, 1, 0x33);
        assertEquals(0x33, get(Rtc.SHUTDOWN_REGISTER));
        assertFalse(rtc.isNmiMasked());
        assertEquals(0xff, in(rtc, 0), "the index cannot be read");
    }

    @Test
    void shouldIgnoreWritesToRegistersCAndD() {
        set(C, 0xff);
        set(Rtc.D_REGISTER, 0);
        assertEquals(0, get(C));
        assertEquals(0x80, get(Rtc.D_REGISTER));
    }

    @Test
    void shouldLetFirmwareDataBeSet() {
        rtc.putByte(0x3d, 0x21);
        assertEquals(0x21, get(0x3d));
    }

    @Test
    void shouldCarryItsStateIntoAnotherMachine() {
        set(HOURS_REGISTER, 0x03);
        set(0x40, 0x99);
        set(SECONDS_ALARM_REGISTER, 0x10);
        set(MINUTES_ALARM_REGISTER, 0xff);
        set(HOURS_ALARM_REGISTER, 0xff);
        set(B, 0x02 | Rtc.ALARM_BIT);
        clock.advanceMillis(1300);
        FakeIrqLine otherIrq = new FakeIrqLine();
        FakeClock otherClock = new FakeClock();
        otherClock.setWallTime(Instant.parse("2024-02-28T13:00:00.900Z"));
        Rtc other = new Rtc("rtc", otherIrq, otherClock, 128 * MIB, 0, 1);

        StateRoundTrip.copy(rtc, other);

        assertEquals("2024-02-28 04:00:00", time(other), "nine hours behind the host, as before");
        assertEquals(0x99, get(other, 0x40));
        otherClock.advance(Duration.ofSeconds(10));
        assertTrue(otherIrq.level());
    }

    @Test
    void shouldSurviveEveryWriteToEveryRegister() {
        for (int register = 0; register < 256; register++) {
            for (int value = 0; value < 256; value += 3) {
                set(register, value);
                get(register);
            }
            clock.advanceMillis(10);
        }
        assertTrue(clock.armedTimers() <= 1);
    }
}
