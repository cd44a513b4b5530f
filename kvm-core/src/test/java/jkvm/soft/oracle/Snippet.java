package jkvm.soft.oracle;

import java.util.Arrays;

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

        /** Where offset 0 of the code segment is, and of all segments but LONG's FS and GS. */
        int base() {
            return this == LONG || this == FLAT32 ? 0 : Windows.CODE_PAGES;
        }
    }

    private static final byte INT3 = (byte) 0xCC;

    /** The number that the generator made this case from. */
    long seed;
    Mode mode = Mode.LONG;
    /** The bytes, and INT3 after them. */
    final byte[] code = new byte[64];
    /** Bytes of it that are the instruction or the sequence. */
    int size;
    /** Bytes of code that are written to {@link #place}, INT3 included. */
    int length;
    /** Linear address of the code. */
    long place;
    /** The silicon stops by single step, after one instruction. Else the snippet ends at an INT3. */
    boolean step;
    /** A repeated string instruction: single steps go on until it is left. */
    boolean repeat;
    /** Where each instruction of a sequence begins, and the last one ends; null if it is one instruction. */
    int[] starts;
    /** Flags that are undefined at each of {@link #starts}. */
    int[] undefinedAt;

    /** The (last) instruction, for results that the manuals leave open. */
    Opcode opcode;
    /** ModRM, or -1. */
    int modrm;
    /** Operand size in bytes, by prefixes and mode. */
    int operandSize;
    /** Prefixes; the last of them 0 without a REX. */
    boolean operandPrefix, addressPrefix, repne, rep, lock;
    int rex;
    /** The immediate's first byte. */
    int immediate;
    /** Flags that an instruction of the sequence left undefined, and no later one defined. */
    int undefinedFlags;
    /** The judge's result. */
    boolean differs;
    final State in = new State();

    /** One instruction, from a state with flat data segments, clear registers and the FPU as a process begins with. */
    static Snippet of(int codeSelector, byte[] code) {
        Snippet snippet = new Snippet();
        Arrays.fill(snippet.code, INT3);
        System.arraycopy(code, 0, snippet.code, 0, code.length);
        snippet.length = code.length;
        snippet.size = code.length;
        snippet.place = Windows.CODE_PAGES;
        snippet.step = true;
        State in = snippet.in;
        in.rip = codeSelector == Windows.CODE64_SELECTOR ? snippet.place : 0;
        in.flags = 0x202;
        in.cs = codeSelector;
        in.ss = Windows.DATA_SELECTOR;
        in.ds = Windows.DATA_SELECTOR;
        in.es = Windows.DATA_SELECTOR;
        in.fx[State.FCW] = 0x7F;
        in.fx[State.FCW + 1] = 3;
        in.fx[State.MXCSR] = (byte) 0x80;
        in.fx[State.MXCSR + 1] = 0x1F;
        return snippet;
    }

    void begin(long seed) {
        this.seed = seed;
        Arrays.fill(code, INT3);
        size = 0;
        step = false;
        repeat = false;
        starts = null;
        undefinedFlags = 0;
        differs = false;
    }

    /** Truncates a sequence to so many instructions. */
    void cut(int instructions) {
        size = starts[instructions];
        undefinedFlags = undefinedAt[instructions];
        Arrays.fill(code, size, code.length, INT3);
    }

    void add(int value) {
        code[size++] = (byte) value;
    }

    /** Little-endian. */
    void add(long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            add((int) (value >> 8 * i));
        }
    }

    /** Truncates the code at the end of its pages. */
    void place(long address) {
        place = address;
        in.rip = address - mode.base();
        length = (int) Math.min(code.length, Windows.CODE_PAGES + Windows.CODE_SIZE - address);
    }

    /** Bits 3 to 5 of ModRM. */
    int reg() {
        return modrm >> 3 & 7;
    }

    boolean hasMemoryOperand() {
        return modrm >= 0 && modrm < 0xC0;
    }
}
