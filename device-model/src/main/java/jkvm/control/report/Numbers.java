package jkvm.control.report;

/** Numbers as people read them. Made by hand: a page has thousands, and is written while a signal's grace runs out. */
final class Numbers {
    private static final String[] TIME_UNITS = {"ns", "µs", "ms", "s"};
    private static final String[] SIZE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final int GROUP = 3;
    private static final int MINUTE = 60;
    private static final long MILLION = 1_000_000;

    private Numbers() {
    }

    /** 1,234,567. */
    static String count(long value) {
        String digits = Long.toString(value);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < digits.length(); i++) {
            if (i > 0 && digits.charAt(i - 1) != '-' && (digits.length() - i) % GROUP == 0) {
                text.append(',');
            }
            text.append(digits.charAt(i));
        }
        return text.toString();
    }

    /** 12,345 or 1.23 million. */
    static String roughly(long value) {
        return value < MILLION ? count(value)
                : value < 1000 * MILLION ? threeDigits(value / (double) MILLION) + " million"
                : threeDigits(value / (1000.0 * MILLION)) + " billion";
    }

    /** 1 page, 2 pages. */
    static String many(long value, String thing) {
        return count(value) + " " + thing + (value == 1 ? "" : "s");
    }

    /** At most that many digits after the point, without zeros at the end. */
    static String fixed(double value, int digits) {
        long power = 1;
        for (int i = 0; i < digits; i++) {
            power *= 10;
        }
        long scaled = Math.round(Math.abs(value) * power);
        StringBuilder text = new StringBuilder(value < 0 && scaled != 0 ? "-" : "").append(scaled / power);
        String rest = Long.toString(power + scaled % power).substring(1);
        int length = rest.length();
        while (length > 0 && rest.charAt(length - 1) == '0') {
            length--;
        }
        return length == 0 ? text.toString() : text.append('.').append(rest, 0, length).toString();
    }

    private static String threeDigits(double value) {
        return fixed(value, value >= 100 ? 0 : value >= 10 ? 1 : 2);
    }

    /** 812 ns, 4.31 µs, 3.2 s, 2 min 5 s. */
    static String nanos(long nanos) {
        double value = nanos;
        int unit = 0;
        while (unit < TIME_UNITS.length - 1 && value >= 999.5) {
            value /= 1000;
            unit++;
        }
        long seconds = Math.round(value);
        if (unit == TIME_UNITS.length - 1 && seconds >= 2 * MINUTE) {
            return seconds / MINUTE + " min " + seconds % MINUTE + " s";
        }
        return threeDigits(value) + " " + TIME_UNITS[unit];
    }

    /** 4 KiB, 1.5 GiB. */
    static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (unit < SIZE_UNITS.length - 1 && value >= 1024) {
            value /= 1024;
            unit++;
        }
        return threeDigits(value) + " " + SIZE_UNITS[unit];
    }

    /** 12.3 %. */
    static String percent(long part, long whole) {
        return whole == 0 ? "0 %" : threeDigits(100.0 * part / whole) + " %";
    }

    /** 0x3f8. */
    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    /** So many hexadecimal digits at least. */
    static String hex(long value, int digits) {
        String text = Long.toHexString(value);
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }

    /** The smallest of 1, 2 and 5 times a power of ten that is not below a value. */
    static double niceAbove(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(value, Double.MIN_NORMAL))));
        for (double step : new double[] {1, 2, 5}) {
            if (step * power >= value) {
                return step * power;
            }
        }
        return 10 * power;
    }
}
