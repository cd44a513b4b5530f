package jkvm.control.gdb;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The parts of packets: hexadecimal numbers, ranges, texts. Malformed ones throw an IllegalArgumentException. */
final class PacketText {
    private static final int MAX_DIGITS = 16;

    private PacketText() {
    }

    /** Bytes at an address. */
    record Range(long address, int length) {
    }

    static long number(String hex) {
        if (hex.isEmpty() || hex.length() > MAX_DIGITS) {
            throw new IllegalArgumentException("a number of " + hex.length() + " digits");
        }
        return HexFormat.fromHexDigitsToLong(hex);
    }

    /** {@code ADDRESS,LENGTH}. */
    static Range range(String text, int maxLength) {
        int comma = text.indexOf(',');
        if (comma < 0) {
            throw new IllegalArgumentException("no length");
        }
        long length = number(text.substring(comma + 1));
        if (length < 0 || length > maxLength) {
            throw new IllegalArgumentException("a length of " + length);
        }
        return new Range(number(text.substring(0, comma)), (int) length);
    }

    static int register(String hex, int count) {
        long number = number(hex);
        if (number < 0 || number >= count) {
            throw new IllegalArgumentException("register " + number);
        }
        return (int) number;
    }

    static String littleEndian(long value, int bytes) {
        return HexFormat.of().toHexDigits(Long.reverseBytes(value)).substring(0, 2 * bytes);
    }

    static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The part of a document that {@code OFFSET,LENGTH} asks for, after "m" if more follows, after "l" if not. */
    static String part(String document, String range) {
        Range wanted = range(range, Integer.MAX_VALUE);
        long start = wanted.address();
        if (start < 0 || start > document.length()) {
            throw new IllegalArgumentException("offset " + start);
        }
        int most = Math.min(wanted.length(), PacketReader.MAX_SIZE - 1);
        int end = (int) Math.min(document.length(), start + most);
        return (end < document.length() ? "m" : "l") + document.substring((int) start, end);
    }
}
