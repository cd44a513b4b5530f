package jkvm.soft.fpu;

import static jkvm.soft.fpu.FpuState.C0;
import static jkvm.soft.fpu.FpuState.C1;
import static jkvm.soft.fpu.FpuState.C2;
import static jkvm.soft.fpu.FpuState.C3;
import static jkvm.soft.fpu.FpuState.CONDITIONS;
import static jkvm.soft.fpu.FpuState.IE;
import static jkvm.soft.fpu.X87Stack.exponent;
import static jkvm.soft.fpu.X87Stack.finish;
import static jkvm.soft.fpu.X87Stack.isEmpty;
import static jkvm.soft.fpu.X87Stack.isReady;
import static jkvm.soft.fpu.X87Stack.isReady2;
import static jkvm.soft.fpu.X87Stack.isReadyToPush;
import static jkvm.soft.fpu.X87Stack.overflow;
import static jkvm.soft.fpu.X87Stack.pop;
import static jkvm.soft.fpu.X87Stack.push;
import static jkvm.soft.fpu.X87Stack.set;
import static jkvm.soft.fpu.X87Stack.setNan;
import static jkvm.soft.fpu.X87Stack.settle;
import static jkvm.soft.fpu.X87Stack.significand;
import static jkvm.soft.fpu.X87Stack.underflow;
import static jkvm.soft.fpu.X87Stack.writeResult;

/**
 * The x87's instructions as operations on its register stack: what they read, which exceptions they leave pending, what
 * they write, push and pop. Memory operands are already loaded, or are stored by the caller from {@link Float80}.
 */
public final class X87 {
    /** Arithmetic operations by the opcode's bits 3 to 5; 2 and 3 are comparisons. */
    public static final int ADD = 0, MUL = 1, SUB = 4, SUBR = 5, DIV = 6, DIVR = 7;

    private X87() {
    }

    /** Pushes the unit's number, which a conversion with exceptions in {@link Float80#flags} has left there. */
    public static void load(FpuState f) {
        if (!isEmpty(f, 7)) {
            if (overflow(f)) {
                push(f, Float80.DEFAULT_NAN, Float80.DEFAULT_NAN_EXPONENT);
            }
        } else {
            settle(f);
            // A denormal operand is loaded even if its exception is not masked.
            if ((f.unit.flags & ~f.control & IE) == 0) {
                push(f, f.unit.significand, f.unit.exponent);
            }
        }
    }

    /** FLD m80, and constants. */
    public static void load(FpuState f, long significand, int exponent) {
        f.unit.flags = 0;
        f.unit.result(significand, exponent);
        load(f);
    }

    /** FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ: the constant rounded as the control word says. */
    public static void loadConstant(FpuState f, int number) {
        Constants.load(f.unit, number, f.control);
        load(f);
    }

    /** FLD ST(i). */
    public static void loadRegister(FpuState f, int i) {
        if (!isEmpty(f, i)) {
            load(f, significand(f, i), exponent(f, i));
        } else if (underflow(f)) {
            push(f, Float80.DEFAULT_NAN, Float80.DEFAULT_NAN_EXPONENT);
        }
    }

    /** FST ST(i), FSTP ST(i). */
    public static void storeRegister(FpuState f, int i, boolean pop) {
        f.status &= ~C1;
        if (isEmpty(f, 0)) {
            if (!underflow(f)) {
                return;
            }
            setNan(f, i);
        } else {
            set(f, i, significand(f, 0), exponent(f, 0));
        }
        if (pop) {
            pop(f);
        }
    }

    /** The undocumented FSTP of D9 D8+i, which raises no stack fault if ST(0) is empty. */
    public static void storeRegisterUnchecked(FpuState f, int i) {
        if (isEmpty(f, 0)) {
            f.status &= ~C1;
            pop(f);
        } else {
            storeRegister(f, i, true);
        }
    }

    /** FFREE, and the undocumented FFREEP, which pops too. */
    public static void free(FpuState f, int i, boolean pop) {
        f.status &= ~C1;
        f.inUse &= ~(1 << f.physical(i));
        if (pop) {
            pop(f);
        }
    }

    /** FINCSTP and FDECSTP: moves TOP and nothing else. */
    public static void rotate(FpuState f, int by) {
        f.status &= ~C1;
        f.top = f.top + by & 7;
    }

    /**
     * Takes the exceptions of a conversion to memory.
     *
     * @return true if the operand may be stored, and ST(0) popped
     */
    public static boolean settleStore(FpuState f) {
        f.status = f.status & ~C1 | f.unit.flags;
        return Float80Conversions.mayStore(f.unit, f.control);
    }

    /** FXCH. */
    public static void exchange(FpuState f, int i) {
        f.status &= ~C1;
        if (isEmpty(f, 0) || isEmpty(f, i)) {
            if (!underflow(f)) {
                return;
            }
            if (isEmpty(f, 0)) {
                setNan(f, 0);
            }
            if (isEmpty(f, i)) {
                setNan(f, i);
            }
        }
        long sig = significand(f, 0);
        int exp = exponent(f, 0);
        set(f, 0, significand(f, i), exponent(f, i));
        set(f, i, sig, exp);
    }

    /** FCMOVcc: both registers are read whether the condition holds or not. */
    public static void moveIf(FpuState f, int i, boolean condition) {
        if (isEmpty(f, 0) || isEmpty(f, i)) {
            if (underflow(f)) {
                setNan(f, 0);
            }
        } else if (condition) {
            set(f, 0, significand(f, i), exponent(f, i));
        }
    }

    /** ST(0) and ST(i) to {@code destination}, one of the two. SUB and DIV are ST(0) - ST(i) and ST(0) / ST(i). */
    public static void arithmetic(FpuState f, int operation, int i, int destination, boolean pop) {
        if (isEmpty(f, 0) || isEmpty(f, i)) {
            if (!underflow(f)) {
                return;
            }
            setNan(f, destination);
        } else {
            compute(f, operation, significand(f, i), exponent(f, i));
            if (!settle(f)) {
                return;
            }
            writeResult(f, destination);
        }
        if (pop) {
            pop(f);
        }
    }

    /** ST(0) and a memory operand, which a conversion has left in the unit, to ST(0). */
    public static void arithmeticWithMemory(FpuState f, int operation) {
        if (isEmpty(f, 0)) {
            if (underflow(f)) {
                setNan(f, 0);
            }
        } else {
            compute(f, operation, f.unit.significand, f.unit.exponent);
            if (settle(f)) {
                writeResult(f, 0);
            }
        }
        f.unit.narrowDenormal = false;
    }

    private static void compute(FpuState f, int operation, long sig, int exp) {
        Float80 unit = f.unit;
        long sig0 = significand(f, 0);
        int exp0 = exponent(f, 0);
        switch (operation) {
            case ADD -> Arithmetic80.add(unit, sig0, exp0, sig, exp, f.control);
            case MUL -> Arithmetic80.multiply(unit, sig0, exp0, sig, exp, f.control);
            case SUB -> Arithmetic80.subtract(unit, sig0, exp0, sig, exp, f.control);
            case SUBR -> Arithmetic80.subtract(unit, sig, exp, sig0, exp0, f.control);
            case DIV -> Arithmetic80.divide(unit, sig0, exp0, sig, exp, f.control);
            default -> Arithmetic80.divide(unit, sig, exp, sig0, exp0, f.control);
        }
    }

    /** FCOM and FUCOM with ST(i). */
    public static void compare(FpuState f, int i, boolean quiet, int pops) {
        if (isEmpty(f, 0) || isEmpty(f, i)) {
            boolean masked = underflow(f);
            f.status |= C0 | C2 | C3;
            if (!masked) {
                return;
            }
        } else {
            Functions80.compare(f.unit, significand(f, 0), exponent(f, 0), significand(f, i), exponent(f, i), quiet);
            if (!settleComparison(f)) {
                return;
            }
        }
        popTimes(f, pops);
    }

    /** FCOM with a memory operand in the unit; FTST with zero. */
    public static void compareWithMemory(FpuState f, int pops) {
        boolean settled;
        if (isEmpty(f, 0)) {
            settled = underflow(f);
            f.status |= C0 | C2 | C3;
        } else {
            Functions80.compare(f.unit, significand(f, 0), exponent(f, 0), f.unit.significand, f.unit.exponent, false);
            settled = settleComparison(f);
        }
        f.unit.narrowDenormal = false;
        if (settled) {
            popTimes(f, pops);
        }
    }

    public static void test(FpuState f) {
        f.unit.zero(0);
        compareWithMemory(f, 0);
    }

    private static boolean settleComparison(FpuState f) {
        f.status = f.status & ~CONDITIONS | f.unit.flags;
        return f.unit.hasResult(f.control);
    }

    private static void popTimes(FpuState f, int pops) {
        for (int i = 0; i < pops; i++) {
            pop(f);
        }
    }

    /**
     * FCOMI and FUCOMI: the result goes to the processor's flags, whether an exception is masked or not.
     *
     * @return condition codes: C0 for CF, C2 for PF, C3 for ZF
     */
    public static int compareToFlags(FpuState f, int i, boolean quiet, boolean pop) {
        int conditions = C0 | C2 | C3;
        boolean settled;
        if (isEmpty(f, 0) || isEmpty(f, i)) {
            settled = underflow(f);
        } else {
            Functions80.compare(f.unit, significand(f, 0), exponent(f, 0), significand(f, i), exponent(f, i), quiet);
            f.status |= f.unit.flags & ~CONDITIONS;
            conditions = f.unit.flags & CONDITIONS;
            settled = f.unit.hasResult(f.control);
        }
        if (settled && pop) {
            pop(f);
        }
        return conditions;
    }

    /** FXAM. */
    public static void examine(FpuState f) {
        int sign = (exponent(f, 0) & Float80.SIGN) != 0 ? C1 : 0;
        int kind = isEmpty(f, 0) ? sign | C3 | C0 : Functions80.examine(significand(f, 0), exponent(f, 0));
        f.status = f.status & ~CONDITIONS | kind;
    }

    /** FCHS. */
    public static void changeSign(FpuState f) {
        setSign(f, exponent(f, 0) ^ Float80.SIGN);
    }

    /** FABS. */
    public static void absolute(FpuState f) {
        setSign(f, exponent(f, 0) & ~Float80.SIGN);
    }

    private static void setSign(FpuState f, int exp) {
        f.status &= ~C1;
        if (!isEmpty(f, 0)) {
            f.exponent[f.top] = exp;
        } else if (underflow(f)) {
            setNan(f, 0);
        }
    }

    /** FSQRT, FRNDINT: ST(0) to ST(0). */
    public static void squareRoot(FpuState f) {
        if (isReady(f)) {
            Arithmetic80.squareRoot(f.unit, significand(f, 0), exponent(f, 0), f.control);
            finish(f);
        }
    }

    public static void roundToInteger(FpuState f) {
        if (isReady(f)) {
            Functions80.roundToInteger(f.unit, significand(f, 0), exponent(f, 0), f.control);
            finish(f);
        }
    }

    /** FSCALE. */
    public static void scale(FpuState f) {
        if (isReady2(f, 0)) {
            Functions80.scale(f.unit, significand(f, 0), exponent(f, 0), significand(f, 1), exponent(f, 1), f.control);
            finish(f);
        }
    }

    /** FPREM (truncates the quotient) and FPREM1 (rounds it to nearest). */
    public static void remainder(FpuState f, boolean nearest) {
        f.status &= ~C2;
        if (isReady2(f, 0)) {
            Functions80.remainder(f.unit, significand(f, 0), exponent(f, 0), significand(f, 1), exponent(f, 1), nearest,
                    f.control);
            if (f.unit.hasResult(f.control) && !Float80.isNan(f.unit.significand, f.unit.exponent)) {
                f.status &= ~CONDITIONS;
            }
            finish(f);
        }
    }

    /** FXTRACT: the exponent to ST(0), then the significand pushed. */
    public static void extract(FpuState f) {
        if (!isReadyToPush(f)) {
            return;
        }
        long sig = significand(f, 0);
        int exp = exponent(f, 0);
        Functions80.extractExponent(f.unit, sig, exp, f.control);
        if (settle(f)) {
            writeResult(f, 0);
            Functions80.extractSignificand(f.unit, sig, exp);
            push(f, f.unit.significand, f.unit.exponent);
        }
    }
}
