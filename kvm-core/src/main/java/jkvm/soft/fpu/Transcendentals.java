package jkvm.soft.fpu;

import static jkvm.soft.fpu.Float80.BIAS;
import static jkvm.soft.fpu.Float80.MAX_EXPONENT;
import static jkvm.soft.fpu.Float80.SIGN;
import static jkvm.soft.fpu.FpuState.C1;
import static jkvm.soft.fpu.FpuState.C2;
import static jkvm.soft.fpu.FpuState.PE;
import static jkvm.soft.fpu.FpuState.UE;

/**
 * The transcendental instructions of the x87 (SDM 8.3.7 to 8.3.10): their special operands, exceptions and stack. The
 * functions themselves are in {@link Series} and what extends it. Results do not obey the precision control.
 */
public final class Transcendentals {
    /** Unbiased exponent from which trigonometric arguments are out of range. */
    private static final int RANGE = 63;

    private Transcendentals() {
    }

    private static void round(Float80 unit, Series series, boolean negative, int control) {
        roundInexact(unit, series, negative ? SIGN : 0, series.result.exponent + BIAS, control);
    }

    /**
     * Takes the series' result, rounded, into the unit. It counts as inexact, and as underflow where it is denormal,
     * even if it is exact.
     */
    static void roundInexact(Float80 unit, Series series, int sign, int exponent, int control) {
        Wide value = series.result;
        unit.roundPack64(sign, exponent, value.high, value.low | (series.exact ? 0 : 1), control);
        unit.flags |= exponent <= 0 && (unit.exponent & MAX_EXPONENT) == 0 ? PE | UE : PE;
    }

    /** F2XM1: ST(0) = 2^ST(0) - 1. */
    public static void twoToXMinusOne(FpuState f) {
        if (!X87Stack.isReady(f)) {
            return;
        }
        Float80 unit = f.unit;
        long sig = X87Stack.significand(f, 0);
        int exp = X87Stack.exponent(f, 0);
        unit.flags = 0;
        if (!unit.settleNan(sig, exp)) {
            exponential(unit, sig, exp, f.control);
        }
        X87Stack.finish(f);
    }

    private static void exponential(Float80 unit, long sig, int exp, int control) {
        boolean negative = (exp & SIGN) != 0;
        int biased = exp & MAX_EXPONENT;
        if (sig == 0) {
            unit.result(sig, exp);
        } else if (biased == MAX_EXPONENT) {
            unit.result(negative ? Float80.INTEGER_BIT : sig, negative ? SIGN | BIAS : exp);
        } else if (biased > BIAS || biased == BIAS && sig != Float80.INTEGER_BIT) {
            // Undefined beyond 1: silicon leaves the operand, and calls that inexact.
            unit.flags |= PE;
            unit.result(sig, exp);
        } else if (biased == 0 && unit.denormalStops(control)) {
            return;
        } else if (biased == BIAS) {
            unit.flags |= PE;
            unit.result(Float80.INTEGER_BIT, negative ? SIGN | BIAS - 1 : BIAS);
        } else {
            long normal = unit.normalised(sig, exp);
            unit.logarithms.twoToXMinusOne(normal, unit.normalExponent - BIAS, negative);
            round(unit, unit.logarithms, negative, control);
        }
    }

    /** FSIN. */
    public static void sine(FpuState f) {
        trigonometric(f, true);
    }

    /** FCOS. */
    public static void cosine(FpuState f) {
        trigonometric(f, false);
    }

    private static void trigonometric(FpuState f, boolean sine) {
        f.status &= ~C2;
        if (!X87Stack.isReady(f) || isOutOfRange(f)) {
            return;
        }
        Float80 unit = f.unit;
        if (reduce(f)) {
            long sig = X87Stack.significand(f, 0);
            if (sig == 0) {
                special(unit, f, sine);
            } else if (sine) {
                unit.angles.sine((X87Stack.exponent(f, 0) & SIGN) != 0);
                round(unit, unit.angles, unit.angles.negative, f.control);
            } else {
                unit.angles.cosine();
                round(unit, unit.angles, unit.angles.negative, f.control);
            }
        }
        X87Stack.finish(f);
    }

    /** Sine or cosine of zero, which are exact. */
    private static void special(Float80 unit, FpuState f, boolean sine) {
        if (sine) {
            unit.zero(X87Stack.exponent(f, 0) & SIGN);
        } else {
            unit.result(Float80.INTEGER_BIT, BIAS);
        }
    }

    /** Tells by C2 that the angle is too large; then the instruction has no result. */
    private static boolean isOutOfRange(FpuState f) {
        int biased = X87Stack.exponent(f, 0) & MAX_EXPONENT;
        boolean tooLarge = biased >= BIAS + RANGE && biased != MAX_EXPONENT && X87Stack.significand(f, 0) < 0;
        if (tooLarge) {
            f.status = f.status & ~C1 | C2;
        }
        return tooLarge;
    }

    /**
     * Settles NaN, infinity and an unmasked denormal.
     *
     * @return true if the angle is reduced and the function goes on
     */
    private static boolean reduce(FpuState f) {
        Float80 unit = f.unit;
        long sig = X87Stack.significand(f, 0);
        int exp = X87Stack.exponent(f, 0);
        unit.flags = 0;
        if (unit.settleNan(sig, exp)) {
            return false;
        }
        if ((exp & MAX_EXPONENT) == MAX_EXPONENT) {
            unit.invalid();
            return false;
        }
        if (Float80.isDenormal(sig, exp) && unit.denormalStops(f.control)) {
            return false;
        }
        if (sig != 0) {
            long normal = unit.normalised(sig, exp);
            unit.angles.reduceAngle(normal, unit.normalExponent - BIAS);
        }
        return true;
    }

    /** FSINCOS: the sine to ST(0), then the cosine pushed. */
    public static void sineAndCosine(FpuState f) {
        pushing(f, true);
    }

    /** FPTAN: the tangent to ST(0), then 1 pushed. */
    public static void partialTangent(FpuState f) {
        pushing(f, false);
    }

    private static void pushing(FpuState f, boolean sineAndCosine) {
        f.status &= ~C2;
        if (!X87Stack.isReadyToPush(f) || isOutOfRange(f)) {
            return;
        }
        Float80 unit = f.unit;
        boolean negative = (X87Stack.exponent(f, 0) & SIGN) != 0;
        if (!reduce(f)) {
            if (X87Stack.settle(f)) {
                X87Stack.writeResult(f, 0);
                X87Stack.push(f, unit.significand, unit.exponent);
            }
            return;
        }
        boolean zero = X87Stack.significand(f, 0) == 0;
        if (zero) {
            unit.zero(X87Stack.exponent(f, 0) & SIGN);
        } else {
            if (sineAndCosine) {
                unit.angles.sine(negative);
            } else {
                unit.angles.tangent(negative);
            }
            round(unit, unit.angles, unit.angles.negative, f.control);
        }
        X87Stack.settle(f);
        X87Stack.writeResult(f, 0);
        if (sineAndCosine && !zero) {
            unit.flags = 0;
            unit.angles.cosine();
            round(unit, unit.angles, unit.angles.negative, f.control);
            f.status |= unit.flags;
            X87Stack.push(f, unit.significand, unit.exponent);
        } else {
            X87Stack.push(f, Float80.INTEGER_BIT, BIAS);
        }
    }

    /** FPATAN: ST(1) = the angle of the point with x = ST(0), y = ST(1), then pop. */
    public static void partialArctangent(FpuState f) {
        combine(f, Transcendentals::angle);
    }

    /** FYL2X: ST(1) = ST(1) * log2 ST(0), then pop. */
    public static void yLog2X(FpuState f) {
        combine(f, Logarithms::yLog2X);
    }

    /** FYL2XP1: ST(1) = ST(1) * log2(ST(0) + 1), then pop. */
    public static void yLog2XPlusOne(FpuState f) {
        combine(f, Logarithms::yLog2XPlusOne);
    }

    /** A function of y and x, none of them a NaN, whose result goes into the unit. */
    private interface Function {
        void apply(Float80 unit, long ySig, int yExp, long xSig, int xExp, int control);
    }

    /** ST(1) = the function of y = ST(1) and x = ST(0), then pop. */
    private static void combine(FpuState f, Function function) {
        if (!X87Stack.isReadyToPop(f)) {
            return;
        }
        Float80 unit = f.unit;
        long xSig = X87Stack.significand(f, 0);
        int xExp = X87Stack.exponent(f, 0);
        long ySig = X87Stack.significand(f, 1);
        int yExp = X87Stack.exponent(f, 1);
        unit.flags = 0;
        if (!unit.settleNan(ySig, yExp, xSig, xExp)) {
            function.apply(unit, ySig, yExp, xSig, xExp, f.control);
        }
        X87Stack.finishAndPop(f);
    }

    private static void angle(Float80 unit, long ySig, int yExp, long xSig, int xExp, int control) {
        boolean xInfinite = (xExp & MAX_EXPONENT) == MAX_EXPONENT;
        boolean yInfinite = (yExp & MAX_EXPONENT) == MAX_EXPONENT;
        boolean xNegative = (xExp & SIGN) != 0;
        int sign = yExp & SIGN;
        if ((Float80.isDenormal(xSig, xExp) || Float80.isDenormal(ySig, yExp)) && unit.denormalStops(control)) {
            return;
        }
        AngleSeries series = unit.angles;
        if (xInfinite && yInfinite) {
            series.quarters(xNegative ? 3 : 1);
        } else if (yInfinite || xSig == 0 && ySig != 0) {
            series.quarters(2);
        } else if (xInfinite || ySig == 0) {
            if (!xNegative) {
                unit.zero(sign);
                return;
            }
            series.quarters(4);
        } else {
            long y = unit.normalised(ySig, yExp);
            int yExponent = unit.normalExponent - BIAS;
            long x = unit.normalised(xSig, xExp);
            series.arctangent(y, yExponent, x, unit.normalExponent - BIAS, xNegative);
        }
        round(unit, series, sign != 0, control);
    }
}
