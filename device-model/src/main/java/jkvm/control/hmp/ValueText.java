package jkvm.control.hmp;

/** Numbers as a dump and {@code print} show them. */
final class ValueText {
    /** Bits of a decimal digit: 33/10, as QEMU counts them. */
    private static final int DECIMAL_BITS = 33;

    private ValueText() {
    }

    /**
     * One item of a dump.
     *
     * @param value not sign-extended
     * @param size  in bytes
     */
    static String item(long value, char kind, int size) {
        int bits = size * Byte.SIZE;
        int digits = (bits * 10 + DECIMAL_BITS - 1) / DECIMAL_BITS;
        return switch (kind) {
            case 'o' -> ("%" + (bits + 2) / 3 + "s").formatted(octal(value));
            case 'x' -> ("0x%0" + size * 2 + "x").formatted(value);
            case 'u' -> ("%" + digits + "s").formatted(Long.toUnsignedString(value));
            case 'd' -> ("%" + digits + "d").formatted(value);
            default -> character(value);
        };
    }

    /** A value of 64 bits without leading zeroes. */
    static String plain(long value, char kind) {
        return switch (kind) {
            case 'o' -> octal(value);
            case 'x' -> value == 0 ? "0" : "0x%x".formatted(value);
            case 'u' -> Long.toUnsignedString(value);
            case 'd' -> Long.toString(value);
            default -> character(value);
        };
    }

    private static String octal(long value) {
        return value == 0 ? "0" : "0" + Long.toOctalString(value);
    }

    private static String character(long value) {
        String text = switch (Math.clamp(value, -1, 0x7F)) {
            case '\'' -> "\\'";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            default -> value >= ' ' && value <= '~' ? String.valueOf((char) value) : "\\x%02x".formatted((int) value);
        };
        return "'" + text + "'";
    }
}
