package jkvm.soft.fpu;

import java.util.Arrays;

/**
 * The x87, MMX, SSE and AVX registers of one processor, in plain fields. Belongs to its vCPU's thread.
 *
 * <p>x87 registers are kept by their physical number, R0 to R7; {@code ST(i)} is {@link #physical(int)}. Each is a
 * significand of 64 bits, with the leading one explicit, and 16 bits of sign and biased exponent. MMX registers are the
 * significands of R0 to R7 (SDM 9.2.1).
 *
 * <p>The status word is kept in parts: {@link #status} has the exception flags, SF and the condition codes,
 * {@link #top} has TOP, and ES and B follow from the flags that the control word does not mask (SDM 8.1.3).
 */
public final class FpuState {
    /** Exception flags of the status word; the same bits mask them in the control word. */
    public static final int IE = 1, DE = 2, ZE = 4, OE = 8, UE = 0x10, PE = 0x20, EXCEPTIONS = 0x3F;
    /** Stack fault, and the condition codes. */
    public static final int SF = 0x40, C0 = 0x100, C1 = 0x200, C2 = 0x400, C3 = 0x4000, CONDITIONS = C0 | C1 | C2 | C3;
    /** Error summary and busy: read as set while an unmasked exception is pending. */
    public static final int ES = 0x80, B = 0x8000;
    /** Control word after FNINIT: all exceptions masked, round to nearest, 64-bit precision. */
    public static final int INITIAL_CONTROL = 0x37F;
    /** MXCSR after reset: all exceptions masked. */
    public static final int INITIAL_MXCSR = 0x1F80;
    /** The bits of MXCSR that exist; setting another raises #GP. */
    public static final int MXCSR_MASK = 0xFFFF;

    /** Bits 0 to 63 of R0 to R7; also MM0 to MM7. */
    public final long[] significand = new long[8];
    /** Bits 64 to 79 of R0 to R7: sign in bit 15, biased exponent below. */
    public final int[] exponent = new int[8];
    /** Control word; bit 6 always reads as one. */
    public int control;
    /** Exception flags, SF and condition codes; never TOP, ES or B. */
    public int status;
    /** Physical number of ST(0). */
    public int top;
    /** A set bit marks the physical register as in use: the abridged tag word of FXSAVE. */
    public int inUse;
    /** Low 11 bits of the last instruction that was no control instruction: {@code (D8..DF & 7) << 8 | ModRM}. */
    public int lastOpcode;
    /** Offsets of that instruction and of its memory operand, with their segments' selectors. */
    public long lastInstruction, lastData;
    public int lastInstructionSelector, lastDataSelector;

    /** SSE's control and status register. */
    public int mxcsr;
    /** XMM registers: bits 0 to 63 of number n at 2n, bits 64 to 127 at 2n + 1. */
    public final long[] xmm = new long[32];
    /** Bits 128 to 255 of the YMM registers, laid out as {@link #xmm}. */
    public final long[] ymmHigh = new long[32];

    /** Scratch of the instructions that load and store the state in memory: one at a time. */
    public final byte[] image = new byte[XsaveArea.SIZE];
    /** The arithmetic unit, with the results of the last operation. */
    public final Float80 unit = new Float80();

    public FpuState() {
        reset();
    }

    /** The state that KVM gives a new vCPU: FNINIT's, with all registers zero. */
    public void reset() {
        initialiseX87();
        Arrays.fill(significand, 0);
        Arrays.fill(exponent, 0);
        mxcsr = INITIAL_MXCSR;
        Arrays.fill(xmm, 0);
        Arrays.fill(ymmHigh, 0);
    }

    /** FNINIT: the registers keep their contents and are tagged empty. */
    public void initialiseX87() {
        control = INITIAL_CONTROL;
        status = 0;
        top = 0;
        inUse = 0;
        lastOpcode = 0;
        lastInstruction = 0;
        lastData = 0;
        lastInstructionSelector = 0;
        lastDataSelector = 0;
    }

    /** Eight bytes of an image, little-endian. */
    public static long getLong(byte[] image, int offset) {
        return LittleEndian.get64(image, offset);
    }

    public static void putLong(byte[] image, int offset, long value) {
        LittleEndian.put64(image, offset, value);
    }

    /** Physical number of ST(i). */
    public int physical(int i) {
        return top + i & 7;
    }

    /** The exception flags that are set and not masked: not 0 means that an exception is pending. */
    public int pendingExceptions() {
        return status & ~control & EXCEPTIONS;
    }

    /** FSW as software sees it. */
    public int statusWord() {
        return status | top << 11 | (pendingExceptions() != 0 ? ES | B : 0);
    }

    /** Sets all of FSW; ES and B are not taken, they follow from flags and masks. */
    public void statusWord(int value) {
        status = value & (EXCEPTIONS | SF | CONDITIONS);
        top = value >> 11 & 7;
    }

    /** Sets FCW: bit 6 reads as one, the other reserved bits as zero. */
    public void controlWord(int value) {
        control = value & 0x1F3F | 0x40;
    }

    /** The full tag word: two bits for each physical register, 0 valid, 1 zero, 2 special, 3 empty (SDM 8.1.7). */
    public int tagWord() {
        int tags = 0;
        for (int i = 0; i < 8; i++) {
            tags |= tag(i) << 2 * i;
        }
        return tags;
    }

    private int tag(int register) {
        if ((inUse >> register & 1) == 0) {
            return 3;
        }
        int biased = exponent[register] & 0x7FFF;
        if (biased == 0 && significand[register] == 0) {
            return 1;
        }
        return biased != 0 && biased != 0x7FFF && significand[register] < 0 ? 0 : 2;
    }

    /** Takes a full tag word; only empty or not empty is kept, since the rest follows from the registers. */
    public void tagWord(int tags) {
        inUse = 0;
        for (int i = 0; i < 8; i++) {
            if ((tags >> 2 * i & 3) != 3) {
                inUse |= 1 << i;
            }
        }
    }

    /** True if the x87 state is as after a reset: XINUSE bit 0. */
    public boolean isX87Initial() {
        if (control != INITIAL_CONTROL || status != 0 || top != 0 || inUse != 0 || lastOpcode != 0
                || lastInstruction != 0 || lastData != 0) {
            return false;
        }
        for (int i = 0; i < 8; i++) {
            if (significand[i] != 0 || exponent[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** True if all XMM registers are zero: XINUSE bit 1. */
    public boolean isSseInitial() {
        return isZero(xmm);
    }

    /** True if the upper halves of all YMM registers are zero: XINUSE bit 2. */
    public boolean isAvxInitial() {
        return isZero(ymmHigh);
    }

    private static boolean isZero(long[] values) {
        long any = 0;
        for (long value : values) {
            any |= value;
        }
        return any == 0;
    }
}
