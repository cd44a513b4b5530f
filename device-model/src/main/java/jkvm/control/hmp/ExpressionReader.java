package jkvm.control.hmp;

import java.util.OptionalLong;

/**
 * Reads an expression as QEMU's monitor does: numbers, characters in quotes, registers after a dollar sign, brackets,
 * signs, and operators that bind in this order: * / %, then &amp; | ^, then + -. All in 64 bits. A slash that begins a
 * path ends the expression, where QEMU wants the path in quotes.
 */
final class ExpressionReader {
    private static final int MAX_DEPTH = 100;

    /** The registers of the current vCPU. */
    @FunctionalInterface
    interface Registers {

        /** The value of a register, empty for an unknown name. */
        OptionalLong find(String name);
    }

    private final CommandText text;
    private final Registers registers;
    private int depth;

    ExpressionReader(CommandText text, Registers registers) {
        this.text = text;
        this.registers = registers;
    }

    /** @throws MonitorException if it is none */
    long read() {
        text.skipBlanks();
        return sum();
    }

    private long sum() {
        long value = logic();
        for (char sign = text.peek(); sign == '+' || sign == '-'; sign = text.peek()) {
            skip();
            long other = logic();
            value = sign == '+' ? value + other : value - other;
        }
        return value;
    }

    private long logic() {
        long value = product();
        for (char sign = text.peek(); sign == '&' || sign == '|' || sign == '^'; sign = text.peek()) {
            skip();
            long other = product();
            value = switch (sign) {
                case '&' -> value & other;
                case '|' -> value | other;
                default -> value ^ other;
            };
        }
        return value;
    }

    private long product() {
        long value = unary();
        for (char sign = text.peek(); sign == '*' || sign == '/' && !text.startsPath() || sign == '%';
                sign = text.peek()) {
            skip();
            long other = unary();
            if (other == 0 && sign != '*') {
                throw new MonitorException("division by zero");
            }
            value = switch (sign) {
                case '*' -> value * other;
                case '/' -> value / other;
                default -> value % other;
            };
        }
        return value;
    }

    private long unary() {
        if (++depth > MAX_DEPTH) {
            throw new MonitorException("expression is nested too deep");
        }
        try {
            return switch (text.peek()) {
                case '+' -> {
                    skip();
                    yield unary();
                }
                case '-' -> {
                    skip();
                    yield -unary();
                }
                case '~' -> {
                    skip();
                    yield ~unary();
                }
                case '(' -> bracket();
                case '\'' -> character();
                case '$' -> register();
                case 0 -> throw new MonitorException("unexpected end of expression");
                default -> number();
            };
        } finally {
            depth--;
        }
    }

    private void skip() {
        text.skip();
        text.skipBlanks();
    }

    private long bracket() {
        skip();
        long value = sum();
        if (text.peek() != ')') {
            throw new MonitorException("')' expected");
        }
        skip();
        return value;
    }

    private long character() {
        text.skip();
        char value = text.next();
        if (value == 0) {
            throw new MonitorException("character constant expected");
        }
        if (text.peek() != '\'') {
            throw new MonitorException("missing terminating ' character");
        }
        skip();
        return value;
    }

    private long register() {
        text.skip();
        StringBuilder name = new StringBuilder();
        for (char letter = text.peek(); isNamed(letter); letter = text.peek()) {
            name.append(letter);
            text.skip();
        }
        text.skipBlanks();
        return registers.find(name.toString()).orElseThrow(() -> new MonitorException("unknown register"));
    }

    private static boolean isNamed(char letter) {
        return letter == '_' || letter == '.' || letter < 0x80 && Character.isLetterOrDigit(letter);
    }

    /** Decimal, hexadecimal after 0x, octal after 0. */
    private long number() {
        int radix = 10;
        boolean isRead = false;
        if (text.peek() == '0') {
            text.skip();
            isRead = true;
            radix = 8;
            if (text.startsHex()) {
                text.skip();
                radix = 16;
            }
        }
        long value = 0;
        for (int digit = digit(radix); digit >= 0; digit = digit(radix)) {
            if (Long.compareUnsigned(value, Long.divideUnsigned(-1 - digit, radix)) > 0) {
                throw new MonitorException("number too large");
            }
            value = value * radix + digit;
            isRead = true;
            text.skip();
        }
        if (!isRead) {
            throw new MonitorException("invalid char '" + text.peek() + "' in expression");
        }
        text.skipBlanks();
        return value;
    }

    private int digit(int radix) {
        return text.peek() < 0x80 ? Character.digit(text.peek(), radix) : -1;
    }
}
