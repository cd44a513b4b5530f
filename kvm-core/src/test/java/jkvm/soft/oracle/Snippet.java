package jkvm.soft.oracle;

/** One case: code, where it stands, and the state that it begins with. Filled anew for each case. */
final class Snippet {
    /** 64-bit code; 32-bit code with flat segments; 16- and 32-bit code with segments of the child's own table. */
    enum Mode {
        LONG(64), FLAT32(32), SEGMENTED16(16), SEGMENTED32(32);

        /** Code size. */
        final int bits;

        Mode(int bits) {
            this.bits = bits;
        }

        /** Where offset 0 of the code segment is. */
        int base() {
            return this == LONG || this == FLAT32 ? 0 : Windows.CODE_PAGES;
        }
    }

    /** The number that the generator made this case from. */
    long seed;
    Mode mode;
    /** The bytes, and INT3 behind them. */
    final byte[] code = new byte[64];
    /** Bytes of code that are written to {@link #place}, INT3 included. */
    int length;
    /** Bytes of it that are the instruction or the sequence. */
    int size;
    /** Linear address of the code. */
    long place;
    /** One instruction: the silicon stops by single step. Else the snippet ends at an INT3. */
    boolean step;
    /** A repeated string instruction: single steps go on until it is left. */
    boolean repeat;
    final State in = new State();
}
