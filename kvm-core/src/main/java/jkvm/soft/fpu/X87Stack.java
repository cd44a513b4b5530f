package jkvm.soft.fpu;

import static jkvm.soft.fpu.FpuState.C1;
import static jkvm.soft.fpu.FpuState.IE;
import static jkvm.soft.fpu.FpuState.SF;

/**
 * The x87's register stack: its registers by their distance from the top, stack faults, and the end of an instruction
 * that has computed in {@link Float80}.
 *
 * <p>An empty source or a full stack is a stack fault (IE with SF; C1 tells overflow). Masked, the operation goes on
 * with the default NaN; an unmasked fault leaves all registers as they are (SDM 8.5.1.1).
 */
public final class X87Stack {
    private X87Stack() {
    }

    public static boolean isEmpty(FpuState f, int i) {
        return (f.inUse >> f.physical(i) & 1) == 0;
    }

    public static long significand(FpuState f, int i) {
        return f.significand[f.physical(i)];
    }

    public static int exponent(FpuState f, int i) {
        return f.exponent[f.physical(i)];
    }

    static void set(FpuState f, int i, long significand, int exponent) {
        int register = f.physical(i);
        f.significand[register] = significand;
        f.exponent[register] = exponent;
        f.inUse |= 1 << register;
    }

    static void setNan(FpuState f, int i) {
        set(f, i, Float80.DEFAULT_NAN, Float80.DEFAULT_NAN_EXPONENT);
    }

    /** Marks ST(0) empty and moves TOP up. */
    public static void pop(FpuState f) {
        f.inUse &= ~(1 << f.top);
        f.top = f.top + 1 & 7;
    }

    static void push(FpuState f, long significand, int exponent) {
        f.top = f.top - 1 & 7;
        set(f, 0, significand, exponent);
    }

    /**
     * Raises a stack underflow.
     *
     * @return true if it is masked
     */
    public static boolean underflow(FpuState f) {
        f.status = f.status & ~C1 | IE | SF;
        return (f.control & IE) != 0;
    }

    static boolean overflow(FpuState f) {
        f.status |= IE | SF | C1;
        return (f.control & IE) != 0;
    }

    /**
     * Takes the unit's exceptions into the status word.
     *
     * @return true if the result may be written
     */
    static boolean settle(FpuState f) {
        f.status = f.status & ~C1 | f.unit.flags;
        return f.unit.hasResult(f.control);
    }

    static void writeResult(FpuState f, int i) {
        set(f, i, f.unit.significand, f.unit.exponent);
    }

    /** True if ST(0) holds a number; else settles the stack fault. */
    static boolean isReady(FpuState f) {
        if (!isEmpty(f, 0)) {
            return true;
        }
        if (underflow(f)) {
            setNan(f, 0);
        }
        return false;
    }

    static void finish(FpuState f) {
        if (settle(f)) {
            writeResult(f, 0);
        }
    }

    /** True if ST(0) and ST(1) hold numbers; else settles the stack fault with a NaN in {@code destination}. */
    static boolean isReady2(FpuState f, int destination) {
        if (!isEmpty(f, 0) && !isEmpty(f, 1)) {
            return true;
        }
        if (underflow(f)) {
            setNan(f, destination);
        }
        return false;
    }

    /** As {@link #isReady}, for ST(0) and ST(1), whose result goes to ST(1) before a pop. */
    static boolean isReadyToPop(FpuState f) {
        if (!isEmpty(f, 0) && !isEmpty(f, 1)) {
            return true;
        }
        if (underflow(f)) {
            setNan(f, 1);
            pop(f);
        }
        return false;
    }

    static void finishAndPop(FpuState f) {
        if (settle(f)) {
            writeResult(f, 1);
            pop(f);
        }
    }

    /** As {@link #isReady}, for a result in ST(0) and another that is pushed. */
    static boolean isReadyToPush(FpuState f) {
        if (!isEmpty(f, 0) && isEmpty(f, 7)) {
            return true;
        }
        if (isEmpty(f, 0) ? underflow(f) : overflow(f)) {
            setNan(f, 0);
            push(f, Float80.DEFAULT_NAN, Float80.DEFAULT_NAN_EXPONENT);
        }
        return false;
    }
}
