package jkvm.device.platform;

/**
 * The date and time in an MC146818's registers, in each of its formats, from and to seconds since 1970 UTC. Works on
 * registers in place: reading the clock allocates nothing. The guest's values need not be a date: they are folded into
 * one.
 */
final class RtcCalendar {
    static final int SECONDS_REGISTER = 0x00;
    static final int SECONDS_ALARM_REGISTER = 0x01;
    static final int MINUTES_REGISTER = 0x02;
    static final int MINUTES_ALARM_REGISTER = 0x03;
    static final int HOURS_REGISTER = 0x04;
    static final int HOURS_ALARM_REGISTER = 0x05;
    static final int WEEKDAY_REGISTER = 0x06;
    static final int DAY_REGISTER = 0x07;
    static final int MONTH_REGISTER = 0x08;
    static final int YEAR_REGISTER = 0x09;
    static final int CENTURY_REGISTER = 0x32;

    /** Alarm registers from here on match anything. */
    static final int ALARM_ANY = 0xc0;
    static final int PM_BIT = 0x80;
    static final int NO_ALARM = -1;

    private static final int DAY = 86_400;
    private static final int DAYS_OF_400_YEARS = 146_097;
    /** From 0000-03-01 to 1970-01-01. */
    private static final int DAYS_TO_1970 = 719_468;

    private RtcCalendar() {
    }

    static boolean isTimeRegister(int register) {
        return switch (register) {
            case SECONDS_REGISTER, MINUTES_REGISTER, HOURS_REGISTER, WEEKDAY_REGISTER, DAY_REGISTER, MONTH_REGISTER,
                    YEAR_REGISTER, CENTURY_REGISTER -> true;
            default -> false;
        };
    }

    static void clear(byte[] cmos) {
        for (int register = 0; register <= CENTURY_REGISTER; register++) {
            if (isTimeRegister(register)) {
                cmos[register] = 0;
            }
        }
    }

    /** Sets the eight time registers. */
    static void encode(long epochSeconds, byte[] cmos, boolean binary, boolean hours24) {
        long days = Math.floorDiv(epochSeconds, DAY);
        int time = Math.floorMod(epochSeconds, DAY);
        put(cmos, SECONDS_REGISTER, time % 60, binary);
        put(cmos, MINUTES_REGISTER, time / 60 % 60, binary);
        int hour = time / 3600;
        if (hours24) {
            put(cmos, HOURS_REGISTER, hour, binary);
        } else {
            put(cmos, HOURS_REGISTER, hour % 12 == 0 ? 12 : hour % 12, binary);
            cmos[HOURS_REGISTER] |= (byte) (hour >= 12 ? PM_BIT : 0);
        }
        // 1970-01-01 was a Thursday; the chip calls Sunday 1.
        put(cmos, WEEKDAY_REGISTER, Math.floorMod(days + 4, 7) + 1, binary);
        putDate(days, cmos, binary);
    }

    /** Years are counted from 1 March, so that a leap day is a year's last day, in cycles of 400 years. */
    private static void putDate(long days, byte[] cmos, boolean binary) {
        long shifted = days + DAYS_TO_1970;
        long cycle = Math.floorDiv(shifted, DAYS_OF_400_YEARS);
        int dayOfCycle = Math.floorMod(shifted, DAYS_OF_400_YEARS);
        int yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365;
        int dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100);
        int month = (5 * dayOfYear + 2) / 153;
        int day = dayOfYear - (153 * month + 2) / 5 + 1;
        int civilMonth = month < 10 ? month + 3 : month - 9;
        long year = cycle * 400 + yearOfCycle + (civilMonth <= 2 ? 1 : 0);
        put(cmos, DAY_REGISTER, day, binary);
        put(cmos, MONTH_REGISTER, civilMonth, binary);
        put(cmos, YEAR_REGISTER, Math.floorMod(year, 100), binary);
        put(cmos, CENTURY_REGISTER, (int) Math.floorMod(Math.floorDiv(year, 100L), 100L), binary);
    }

    /** The time in the registers; the day of the week does not count. */
    static long decode(byte[] cmos, boolean binary, boolean hours24) {
        long year = get(cmos, CENTURY_REGISTER, binary) * 100L + get(cmos, YEAR_REGISTER, binary);
        int month = Math.floorMod(get(cmos, MONTH_REGISTER, binary) - 1, 12) + 1;
        long shiftedYear = month <= 2 ? year - 1 : year;
        long cycle = Math.floorDiv(shiftedYear, 400L);
        int yearOfCycle = (int) Math.floorMod(shiftedYear, 400L);
        int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + get(cmos, DAY_REGISTER, binary) - 1;
        long days = cycle * DAYS_OF_400_YEARS + 365L * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
                - DAYS_TO_1970;
        return days * DAY + hour(cmos[HOURS_REGISTER] & 0xff, binary, hours24) * 3600L
                + get(cmos, MINUTES_REGISTER, binary) * 60L + get(cmos, SECONDS_REGISTER, binary);
    }

    /**
     * The first second after {@code epochSeconds} at which the alarm registers match, or {@link #NO_ALARM} if they
     * match no time of day.
     */
    static long nextAlarm(long epochSeconds, byte[] cmos, boolean binary, boolean hours24) {
        int hourAlarm = cmos[HOURS_ALARM_REGISTER] & 0xff;
        int hour = hourAlarm >= ALARM_ANY ? -1 : hour(hourAlarm, binary, hours24);
        int minute = alarm(cmos, MINUTES_ALARM_REGISTER, binary);
        int second = alarm(cmos, SECONDS_ALARM_REGISTER, binary);
        if (hour >= 24 || minute >= 60 || second >= 60) {
            return NO_ALARM;
        }
        // At most a step for each hour, minute and second.
        long time = epochSeconds + 1;
        while (time <= epochSeconds + DAY) {
            int ofDay = Math.floorMod(time, DAY);
            if (hour >= 0 && ofDay / 3600 != hour) {
                time += 3600 - ofDay % 3600;
            } else if (minute >= 0 && ofDay / 60 % 60 != minute) {
                time += 60 - ofDay % 60;
            } else if (second >= 0 && ofDay % 60 != second) {
                time++;
            } else {
                return time;
            }
        }
        return NO_ALARM;
    }

    private static int alarm(byte[] cmos, int register, boolean binary) {
        return (cmos[register] & 0xff) >= ALARM_ANY ? -1 : get(cmos, register, binary);
    }

    private static int hour(int value, boolean binary, boolean hours24) {
        if (hours24) {
            return number(value, binary);
        }
        return number(value & ~PM_BIT, binary) % 12 + ((value & PM_BIT) != 0 ? 12 : 0);
    }

    private static int get(byte[] cmos, int register, boolean binary) {
        return number(cmos[register] & 0xff, binary);
    }

    private static int number(int value, boolean binary) {
        return binary ? value : (value >> 4) * 10 + (value & 0x0f);
    }

    private static void put(byte[] cmos, int register, int value, boolean binary) {
        cmos[register] = (byte) (binary ? value : value / 10 << 4 | value % 10);
    }
}
