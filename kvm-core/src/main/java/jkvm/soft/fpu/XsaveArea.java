package jkvm.soft.fpu;

import static jkvm.soft.fpu.LittleEndian.get32;
import static jkvm.soft.fpu.LittleEndian.get64;
import static jkvm.soft.fpu.LittleEndian.put64;

import java.util.Arrays;

/**
 * The area of XSAVE and XRSTOR: FXSAVE's 512 bytes, a header of 64, then the extended components (SDM 13.4). The
 * components here are x87 (0), SSE (1) and AVX (2); with no more than those the standard and the compacted form differ
 * in their headers only.
 */
public final class XsaveArea {
    public static final long X87 = 1, SSE = 2, AVX = 4;
    /** Offset of XSTATE_BV: the components that the area holds; the others are in their initial state. */
    public static final int XSTATE_BV_OFFSET = 512;
    /** Offset of XCOMP_BV: bit 63 marks the compacted form, the others the components that have room in it. */
    public static final int XCOMP_BV_OFFSET = 520;
    public static final long COMPACTED = 1L << 63;
    public static final int HEADER_END = 576;
    /** Offset and size of the upper halves of YMM0 to YMM15. */
    public static final int AVX_OFFSET = 576, AVX_SIZE = 256;
    public static final int SIZE = AVX_OFFSET + AVX_SIZE;

    private XsaveArea() {
    }

    /** Bytes of an area for these components. */
    public static int size(long components) {
        return (components & AVX) != 0 ? SIZE : HEADER_END;
    }

    /** XINUSE: the components that are not in their initial state. */
    public static long inUse(FpuState state) {
        return (state.isX87Initial() ? 0 : X87) | (state.isSseInitial() ? 0 : SSE) | (state.isAvxInitial() ? 0 : AVX);
    }

    /**
     * Stores components and updates the header as XSAVE does. Bytes of other components stay.
     *
     * @param components the instruction's mask and XCR0
     * @param written    those of them to store: all for XSAVE, those in use for XSAVEOPT and XSAVEC
     * @param xmmCount   16 in 64-bit mode, else 8
     */
    public static void save(FpuState state, byte[] area, long components, long written, boolean wide, int xmmCount) {
        saveComponents(state, area, components, written, wide, xmmCount);
        long others = get64(area, XSTATE_BV_OFFSET) & ~components;
        put64(area, XSTATE_BV_OFFSET, others | inUse(state) & components);
    }

    /** Stores the components in use in the compacted form, and the first two words of the header: XSAVEC. */
    public static void saveCompacted(FpuState state, byte[] area, long components, boolean wide, int xmmCount) {
        long inUse = inUse(state) & components;
        if (state.mxcsr != FpuState.INITIAL_MXCSR) {
            inUse |= SSE & components;
        }
        saveComponents(state, area, inUse, inUse, wide, xmmCount);
        put64(area, XSTATE_BV_OFFSET, inUse);
        put64(area, XCOMP_BV_OFFSET, components | COMPACTED);
    }

    private static void saveComponents(FpuState state, byte[] area, long components, long written, boolean wide,
            int xmmCount) {
        if ((written & X87) != 0) {
            FxsaveImage.saveX87(state, area, wide);
        }
        if ((components & (SSE | AVX)) != 0) {
            FxsaveImage.saveMxcsr(state, area);
        }
        if ((written & SSE) != 0) {
            FxsaveImage.saveXmm(state, area, xmmCount);
        }
        if ((written & AVX) != 0) {
            for (int i = 0; i < 2 * xmmCount; i++) {
                put64(area, AVX_OFFSET + 8 * i, state.ymmHigh[i]);
            }
        }
    }

    /**
     * True if XRSTOR with this header and MXCSR raises no #GP (SDM 13.8).
     *
     * @param components the instruction's mask and XCR0
     * @param enabled    XCR0
     */
    public static boolean isValid(byte[] area, long components, long enabled) {
        long present = get64(area, XSTATE_BV_OFFSET);
        long compacted = get64(area, XCOMP_BV_OFFSET);
        boolean takesMxcsr;
        if (compacted == 0) {
            if (get64(area, XCOMP_BV_OFFSET + 8) != 0 || (present & ~enabled) != 0) {
                return false;
            }
            takesMxcsr = (components & (SSE | AVX)) != 0;
        } else {
            if (compacted > 0 || (compacted & ~COMPACTED & ~enabled) != 0 || (present & ~compacted) != 0
                    || !isZero(area, XCOMP_BV_OFFSET + 8)) {
                return false;
            }
            takesMxcsr = (components & present & SSE) != 0;
        }
        return !takesMxcsr || (get32(area, FxsaveImage.MXCSR_OFFSET) & ~FpuState.MXCSR_MASK) == 0;
    }

    private static boolean isZero(byte[] area, int from) {
        for (int i = from; i < HEADER_END; i += 8) {
            if (get64(area, i) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Loads components as XRSTOR does; those that the area does not hold get their initial state. */
    public static void restore(FpuState state, byte[] area, long components, boolean wide, int xmmCount) {
        long present = get64(area, XSTATE_BV_OFFSET);
        if ((components & X87) != 0) {
            if ((present & X87) != 0) {
                FxsaveImage.restoreX87(state, area, wide);
            } else {
                state.initialiseX87();
                Arrays.fill(state.significand, 0);
                Arrays.fill(state.exponent, 0);
            }
        }
        restoreMxcsr(state, area, components, present);
        if ((components & SSE) != 0) {
            if ((present & SSE) != 0) {
                FxsaveImage.restoreXmm(state, area, xmmCount);
            } else {
                Arrays.fill(state.xmm, 0, 2 * xmmCount, 0);
            }
        }
        if ((components & AVX) != 0) {
            for (int i = 0; i < 2 * xmmCount; i++) {
                state.ymmHigh[i] = (present & AVX) != 0 ? get64(area, AVX_OFFSET + 8 * i) : 0;
            }
        }
    }

    /** The standard form takes MXCSR with SSE or AVX, held or not; the compacted form holds it with SSE. */
    private static void restoreMxcsr(FpuState state, byte[] area, long components, long present) {
        if (get64(area, XCOMP_BV_OFFSET) >= 0) {
            if ((components & (SSE | AVX)) != 0) {
                state.mxcsr = get32(area, FxsaveImage.MXCSR_OFFSET);
            }
        } else if ((components & SSE) != 0) {
            state.mxcsr = (present & SSE) != 0 ? get32(area, FxsaveImage.MXCSR_OFFSET) : FpuState.INITIAL_MXCSR;
        }
    }
}
