package jkvm.soft.oracle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Makes the state that a snippet begins with. */
final class StateGenerator {
    private static final int ARITHMETIC = 0x8D5, DF = 0x400, AC = 0x40000, FIXED = 0x202;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int RSP = 4, RBP = 5;
    private static final int[] DATA_SEGMENTS = {Windows.LDT_DATA16, Windows.LDT_DATA16, Windows.LDT_DATA16,
            Windows.LDT_DATA32, Windows.LDT_DOWN, Windows.LDT_READ_ONLY};
    private static final int[] STACK_SEGMENTS = {Windows.LDT_DATA16, Windows.LDT_DATA16, Windows.LDT_DATA32,
            Windows.LDT_DOWN};

    private final SplittableRandom random;
    private final Values values;

    StateGenerator(SplittableRandom random, Values values) {
        this.random = random;
        this.values = values;
    }

    void fill(Snippet snippet) {
        State in = snippet.in;
        for (int i = 0; i < 16; i++) {
            in.r[i] = values.integer();
        }
        in.flags = FIXED | random.nextInt() & ARITHMETIC | (random.nextInt(6) == 0 ? DF : 0)
                | (random.nextInt(32) == 0 ? AC : 0);
        segments(snippet);
        in.r[RSP] = stackAddress() - snippet.mode.base();
        if (random.nextBoolean()) {
            in.r[RBP] = stackAddress() - snippet.mode.base();
        }
        if (snippet.mode != Snippet.Mode.LONG) {
            for (int i = 0; i < 16; i++) {
                in.r[i] &= 0xFFFF_FFFFL;
            }
        }
        memory(in);
        floatingPoint(in);
    }

    private int stackAddress() {
        int address = random.nextInt(8) == 0 ? Windows.HIGH + random.nextInt(Windows.HIGH_SIZE)
                : Windows.LOW + 96 + random.nextInt(Windows.LOW_SIZE - 192);
        return random.nextInt(4) == 0 ? address : address & ~7;
    }

    private void segments(Snippet snippet) {
        State in = snippet.in;
        in.cs = switch (snippet.mode) {
            case LONG -> Windows.CODE64_SELECTOR;
            case FLAT32 -> Windows.CODE32_SELECTOR;
            case SEGMENTED16 -> Windows.LDT_CODE16;
            case SEGMENTED32 -> Windows.LDT_CODE32;
        };
        in.ss = Windows.DATA_SELECTOR;
        in.ds = Windows.DATA_SELECTOR;
        in.es = Windows.DATA_SELECTOR;
        in.fsBase = 0;
        in.gsBase = 0;
        if (snippet.mode == Snippet.Mode.LONG) {
            in.fsBase = random.nextBoolean() ? Windows.DATA_PAGES : random.nextLong() >> 18;
            in.gsBase = random.nextBoolean() ? -64 : random.nextLong() >> 18;
        } else if (snippet.mode != Snippet.Mode.FLAT32) {
            in.ds = DATA_SEGMENTS[random.nextInt(DATA_SEGMENTS.length)];
            in.es = DATA_SEGMENTS[random.nextInt(DATA_SEGMENTS.length)];
            in.ss = STACK_SEGMENTS[random.nextInt(STACK_SEGMENTS.length)];
        }
    }

    private void memory(State in) {
        int kind = random.nextInt(5);
        for (int i = 0; i < in.memory.length; i += 8) {
            LONG.set(in.memory, i, values.eight(kind));
        }
        if (random.nextInt(4) == 0) {
            for (int i = 0; i + 16 <= in.memory.length; i += 16) {
                int exponent = values.exponent80();
                LONG.set(in.memory, i, values.significand80(exponent));
                SHORT.set(in.memory, i + 8, (short) exponent);
            }
        }
    }

    private void floatingPoint(State in) {
        boolean masked = random.nextInt(4) != 0;
        int control = 0x40 | random.nextInt() & 0xF00 | (masked ? 0x3F : random.nextInt(64));
        int flags = random.nextInt(4) == 0 ? random.nextInt(64) & control : 0;
        SHORT.set(in.fx, State.FCW, (short) control);
        SHORT.set(in.fx, State.FSW, (short) (random.nextInt() & 0x7F00 | flags));
        in.fx[State.FTW] = (byte) switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> random.nextInt();
            default -> 0xFF;
        };
        int mxcsr = random.nextInt() & 0xE040 | (random.nextInt(4) == 0 ? random.nextInt(64) << 7 : 0x1F80);
        mxcsr |= random.nextInt(4) == 0 ? random.nextInt(64) : 0;
        in.fx[State.MXCSR] = (byte) mxcsr;
        in.fx[State.MXCSR + 1] = (byte) (mxcsr >> 8);
        boolean mmx = random.nextInt(4) == 0;
        for (int i = 0; i < 8; i++) {
            int exponent = values.exponent80();
            LONG.set(in.fx, State.ST + 16 * i, mmx ? values.eight(i & 3) : values.significand80(exponent));
            LONG.set(in.fx, State.ST + 16 * i + 8, (long) exponent & 0xFFFF);
        }
        int kind = random.nextInt(5);
        for (int i = 0; i < 32; i++) {
            LONG.set(in.fx, State.XMM + 8 * i, values.eight(kind));
        }
    }
}
