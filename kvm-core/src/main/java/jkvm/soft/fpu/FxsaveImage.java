package jkvm.soft.fpu;

import static jkvm.soft.fpu.LittleEndian.get16;
import static jkvm.soft.fpu.LittleEndian.get32;
import static jkvm.soft.fpu.LittleEndian.get64;
import static jkvm.soft.fpu.LittleEndian.put16;
import static jkvm.soft.fpu.LittleEndian.put32;
import static jkvm.soft.fpu.LittleEndian.put64;

/**
 * The 512 bytes of FXSAVE and FXRSTOR, which are the first 512 of XSAVE's area too (SDM 10.5.1). Registers are stored
 * from ST(0) on, tags by physical number. The last 96 bytes, and for 16- and 32-bit code the bytes of XMM8 to XMM15,
 * are left as they are.
 *
 * <p>Error pointers follow AMD's current processors (CPUID 8000_0008h EBX[2]): they are stored as zero unless an
 * exception is pending, and are always restored.
 */
public final class FxsaveImage {
    public static final int SIZE = 512;
    /** Offset of MXCSR; its mask follows it. */
    public static final int MXCSR_OFFSET = 24;
    /** Offset of ST(0): 16 bytes each. */
    public static final int ST_OFFSET = 32;
    /** Offset of XMM0: 16 bytes each. */
    public static final int XMM_OFFSET = 160;

    private FxsaveImage() {
    }

    /** Stores all: x87, MXCSR and the first {@code xmmCount} XMM registers. */
    public static void save(FpuState state, byte[] image, boolean wide, int xmmCount) {
        saveX87(state, image, wide);
        saveMxcsr(state, image);
        saveXmm(state, image, xmmCount);
    }

    /**
     * Loads what {@link #save} stores. MXCSR is taken as it is: the caller refuses reserved bits first.
     *
     * @param wide error pointers of 64 bits (REX.W), else 32 bits with a selector
     */
    public static void restore(FpuState state, byte[] image, boolean wide, int xmmCount) {
        restoreX87(state, image, wide);
        state.mxcsr = get32(image, MXCSR_OFFSET);
        restoreXmm(state, image, xmmCount);
    }

    public static void saveX87(FpuState state, byte[] image, boolean wide) {
        boolean pointers = state.pendingExceptions() != 0;
        long instruction = pointers ? state.lastInstruction : 0;
        long data = pointers ? state.lastData : 0;
        put16(image, 0, state.control);
        put16(image, 2, state.statusWord());
        put16(image, 4, state.inUse);
        put16(image, 6, pointers ? state.lastOpcode : 0);
        if (wide) {
            put64(image, 8, instruction);
            put64(image, 16, data);
        } else {
            put64(image, 8, instruction & 0xFFFFFFFFL | (pointers ? (long) state.lastInstructionSelector << 32 : 0));
            put64(image, 16, data & 0xFFFFFFFFL | (pointers ? (long) state.lastDataSelector << 32 : 0));
        }
        for (int i = 0; i < 8; i++) {
            int register = state.physical(i);
            put64(image, ST_OFFSET + 16 * i, state.significand[register]);
            put64(image, ST_OFFSET + 16 * i + 8, state.exponent[register]);
        }
    }

    public static void restoreX87(FpuState state, byte[] image, boolean wide) {
        state.controlWord(get16(image, 0));
        state.statusWord(get16(image, 2));
        state.inUse = image[4] & 0xFF;
        state.lastOpcode = get16(image, 6) & 0x7FF;
        state.lastInstruction = wide ? get64(image, 8) : get32(image, 8) & 0xFFFFFFFFL;
        state.lastData = wide ? get64(image, 16) : get32(image, 16) & 0xFFFFFFFFL;
        state.lastInstructionSelector = wide ? 0 : get16(image, 12);
        state.lastDataSelector = wide ? 0 : get16(image, 20);
        for (int i = 0; i < 8; i++) {
            int register = state.physical(i);
            state.significand[register] = get64(image, ST_OFFSET + 16 * i);
            state.exponent[register] = get16(image, ST_OFFSET + 16 * i + 8);
        }
    }

    /** MXCSR as the image has it. */
    public static int mxcsr(byte[] image) {
        return get32(image, MXCSR_OFFSET);
    }

    public static void saveMxcsr(FpuState state, byte[] image) {
        put32(image, MXCSR_OFFSET, state.mxcsr);
        put32(image, MXCSR_OFFSET + 4, FpuState.MXCSR_MASK);
    }

    /** Stores XMM0 and following: 16 of them in 64-bit mode, else 8. */
    public static void saveXmm(FpuState state, byte[] image, int count) {
        for (int i = 0; i < 2 * count; i++) {
            put64(image, XMM_OFFSET + 8 * i, state.xmm[i]);
        }
    }

    public static void restoreXmm(FpuState state, byte[] image, int count) {
        for (int i = 0; i < 2 * count; i++) {
            state.xmm[i] = get64(image, XMM_OFFSET + 8 * i);
        }
    }
}
