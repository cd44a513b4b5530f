package jkvm.host.disk;

import java.util.OptionalLong;

/**
 * Sizes as QEMU reads them: space and a plus sign may come first, then a decimal number, which may have a fraction if
 * there is a unit, or a hexadecimal one, then a suffix.
 */
public final class ByteSize {
    private static final String SUFFIXES = "BKMGTPE";

    private final String text;
    private int at;

    private ByteSize(String text) {
        this.text = text;
    }

    /** As {@link #parse(String, char)}; a number alone is bytes. */
    public static OptionalLong parse(String text) {
        return parse(text, 'B');
    }

    /**
     * Reads a size.
     *
     * @param unit the suffix that counts where there is none
     * @return the bytes, rounded; empty if it is none, or larger than a file can be
     */
    public static OptionalLong parse(String text, char unit) {
        try {
            return new ByteSize(text).read(unit);
        } catch (ArithmeticException _) {
            return OptionalLong.empty();
        }
    }

    private OptionalLong read(char unit) {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        if (peek() == '+') {
            at++;
        }
        boolean isHexadecimal = peek() == '0' && at + 1 < text.length() && (text.charAt(at + 1) | 0x20) == 'x';
        at += isHexadecimal ? 2 : 0;
        int start = at;
        long number = digits(isHexadecimal ? 16 : 10);
        if (at == start) {
            return OptionalLong.empty();
        }
        double fraction = !isHexadecimal && peek() == '.' ? fraction() : 0;
        int suffix = SUFFIXES.indexOf(Character.toUpperCase(peek()));
        at += suffix >= 0 ? 1 : 0;
        long factor = 1L << 10 * (suffix >= 0 ? suffix : SUFFIXES.indexOf(unit));
        if (at < text.length() || fraction > 0 && factor == 1) {
            return OptionalLong.empty();
        }
        // No BigDecimal: the first use of that class is a fifth of a short guest's start-up.
        return OptionalLong.of(Math.addExact(Math.multiplyExact(number, factor), Math.round(fraction * factor)));
    }

    private long digits(int radix) {
        long number = 0;
        for (int digit = digit(radix); digit >= 0; digit = digit(radix)) {
            number = Math.addExact(Math.multiplyExact(number, radix), digit);
            at++;
        }
        return number;
    }

    /** The digits after the point. */
    private double fraction() {
        double fraction = 0;
        at++;
        double place = 0.1;
        for (int digit = digit(10); digit >= 0; digit = digit(10)) {
            fraction += digit * place;
            place /= 10;
            at++;
        }
        return fraction;
    }

    private int digit(int radix) {
        char c = peek();
        return c < 0x80 ? Character.digit(c, radix) : -1;
    }

    /** The next character; zero at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }
}
