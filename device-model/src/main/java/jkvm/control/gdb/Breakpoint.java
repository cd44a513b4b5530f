package jkvm.control.gdb;

/**
 * A place where the guest stops, as a debugger asks for it.
 *
 * @param address linear
 * @param length  of watched memory; of no use for code
 */
record Breakpoint(Kind kind, long address, int length) {

    /** By their numbers in the protocol's Z packets. */
    enum Kind {
        /** By a debug register where one is free, by INT3 in the code else. */
        SOFTWARE("", 0),
        HARDWARE("", 0),
        WRITE("watch", 1),
        /** The processor has no such condition: writes stop the guest too, and the debugger compares values. */
        READ("rwatch", 3),
        ACCESS("awatch", 3);

        /** In a stop reply; empty for code. */
        final String word;
        /** In the debug register 7 (SDM volume 3, 18.2.4). */
        final int condition;

        Kind(String word, int condition) {
            this.word = word;
            this.condition = condition;
        }
    }

    /** Its part of a stop reply: the access, if it is not code. */
    String reason() {
        return isCode() ? "" : "%s:%x;".formatted(kind.word, address);
    }

    boolean isCode() {
        return kind.condition == 0;
    }

    /** Whether a debug register can hold it. */
    boolean isPossible() {
        return isCode() || Integer.bitCount(length) == 1 && length <= Long.BYTES && (address & length - 1) == 0;
    }

    /** Its bits of the debug register 7, for the register of this index. */
    long control(int index) {
        int lengthCode = isCode() ? 0 : switch (length) {
            case 1 -> 0;
            case 2 -> 1;
            case 4 -> 3;
            default -> 2;
        };
        return 2L << 2 * index | (long) (lengthCode << 2 | kind.condition) << 16 + 4 * index;
    }
}
