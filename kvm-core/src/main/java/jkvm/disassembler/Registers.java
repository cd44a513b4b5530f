package jkvm.disassembler;

/** Names of registers, in Intel's style. */
final class Registers {
    private static final String[] WORDS = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    private static final String[] BYTES = {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"};
    private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs", "?", "?"};

    private Registers() {
    }

    /**
     * A general register.
     *
     * @param number  0 to 15
     * @param bytes   1, 2, 4 or 8
     * @param withRex true if byte registers 4 to 7 are SPL to DIL
     */
    static String general(int number, int bytes, boolean withRex) {
        if (number >= 8) {
            return "r" + number + (bytes == 8 ? "" : bytes == 4 ? "d" : bytes == 2 ? "w" : "b");
        }
        return switch (bytes) {
            case 1 -> withRex && number >= 4 ? WORDS[number] + "l" : BYTES[number];
            case 2 -> WORDS[number];
            case 4 -> "e" + WORDS[number];
            default -> "r" + WORDS[number];
        };
    }

    /** A segment register; numbers 6 and 7 are none, which a question mark says. */
    static String segment(int number) {
        return SEGMENTS[number];
    }
}
