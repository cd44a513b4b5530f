package jkvm.host.disk;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as QEMU reads them: a number, which may have a fraction or be hexadecimal, and a suffix. */
public final class ByteSize {
    private static final String SUFFIXES = "BKMGTPE";
    private static final Pattern DECIMAL = Pattern.compile("([0-9]+)(\\.[0-9]*)?([bBkKmMgGtTpPeE]?)");
    private static final Pattern HEXADECIMAL = Pattern.compile("0[xX]([0-9a-fA-F]+)([bBkKmMgGtTpPeE]?)");

    private ByteSize() {
    }

    /** As {@link #parse(String, char)}; a number alone is bytes. */
    public static OptionalLong parse(String text) {
        return parse(text, 'B');
    }

    /**
     * Reads a size.
     *
     * @param unit the suffix that counts where there is none
     * @return the bytes, rounded down; empty if it is none, or larger than a file can be
     */
    public static OptionalLong parse(String text, char unit) {
        Matcher hexadecimal = HEXADECIMAL.matcher(text);
        if (hexadecimal.matches()) {
            return scale(new BigDecimal(new BigInteger(hexadecimal.group(1), 16)), hexadecimal.group(2), unit);
        }
        Matcher decimal = DECIMAL.matcher(text);
        if (!decimal.matches()) {
            return OptionalLong.empty();
        }
        return scale(new BigDecimal(text.substring(0, decimal.start(3))), decimal.group(3), unit);
    }

    private static OptionalLong scale(BigDecimal number, String suffix, char unit) {
        char letter = Character.toUpperCase(suffix.isEmpty() ? unit : suffix.charAt(0));
        BigDecimal bytes = number.multiply(BigDecimal.valueOf(1L << 10 * SUFFIXES.indexOf(letter)))
                .setScale(0, RoundingMode.DOWN);
        boolean fits = bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0;
        return fits ? OptionalLong.of(bytes.longValue()) : OptionalLong.empty();
    }
}
