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
 * functions themselves are in {@link Series}. Results do not obey the precision control.
 */
public final class Transcendentals {
    /** Unbiased exponent from which trigonometric arguments are out of range. */
    private static final int RANGE = 63;

    private Transcendentals() {
    }

    /** Takes the series' result, rounded, into the unit. */
    private static void round(Float80 unit, boolean negative, int control) {
        Wide value = unit.series.result;
        roundInexact(unit, negative ? SIGN : 0, value.exponent + BIAS, control);
    }

    /** Rounds the series' result; it counts as inexact, and as underflow where it is denormal, even if it is exact. */
    static void roundInexact(Float80 unit, int sign, int exponent, int control) {
        Wide value = unit.series.result;
        unit.roundPack64(sign, exponent, value.high, value.low | (unit.series.exact ? 0 : 1), control);
        unit.flags |= exponent <= 0 && (unit.exponent & MAX_EXPONENT) == 0 ? PE | UE : PE;
    }

    /** F2XM1: ST(0) = 2^ST(0) - 1. */
    public static void twoToXMinusOne(FpuState f) {
        if (!X87.isReady(f)) {
            return;
        }
        Float80 unit = f.unit;
        long sig = X87.significand(f, 0);
        int exp = X87.exponent(f, 0);
        unit.flags = 0;
        if (!unit.settleNan(sig, exp)) {
            exponential(unit, sig, exp, f.control);
        }
        X87.finish(f);
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
            unit.series.twoToXMinusOne(normal, unit.normalExponent - BIAS, negative);
            round(unit, negative, control);
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
        if (!X87.isReady(f)) {
            return;
        }
        if (isOutOfRange(f)) {
            f.status = f.status & ~C1 | C2;
            return;
        }
        Float80 unit = f.unit;
        if (reduce(f)) {
            long sig = X87.significand(f, 0);
            if (sig == 0) {
                special(unit, f, sine);
            } else if (sine) {
                unit.series.sine((X87.exponent(f, 0) & SIGN) != 0);
                round(unit, unit.series.negative, f.control);
            } else {
                unit.series.cosine();
                round(unit, unit.series.negative, f.control);
            }
        }
        X87.finish(f);
    }

    /** Sine or cosine of zero, which are exact. */
    private static void special(Float80 unit, FpuState f, boolean sine) {
        if (sine) {
            unit.zero(X87.exponent(f, 0) & SIGN);
        } else {
            unit.result(Float80.INTEGER_BIT, BIAS);
        }
    }

    private static boolean isOutOfRange(FpuState f) {
        int biased = X87.exponent(f, 0) & MAX_EXPONENT;
        return biased >= BIAS + RANGE && biased != MAX_EXPONENT && X87.significand(f, 0) < 0;
    }

    /** Settles NaN, infinity and an unmasked denormal. @return true if the angle is reduced and the function goes on */
    private static boolean reduce(FpuState f) {
        Float80 unit = f.unit;
        long sig = X87.significand(f, 0);
        int exp = X87.exponent(f, 0);
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
            unit.series.reduceAngle(normal, unit.normalExponent - BIAS);
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
        if (!X87.isReadyToPush(f)) {
            return;
        }
        if (isOutOfRange(f)) {
            f.status = f.status & ~C1 | C2;
            return;
        }
        Float80 unit = f.unit;
        boolean negative = (X87.exponent(f, 0) & SIGN) != 0;
        if (!reduce(f)) {
            if (X87.settle(f)) {
                X87.writeResult(f, 0);
                X87.push(f, unit.significand, unit.exponent);
            }
            return;
        }
        boolean zero = X87.significand(f, 0) == 0;
        if (zero) {
            unit.zero(X87.exponent(f, 0) & SIGN);
        } else {
            if (sineAndCosine) {
                unit.series.sine(negative);
            } else {
                unit.series.tangent(negative);
            }
            round(unit, unit.series.negative, f.control);
        }
        X87.settle(f);
        X87.writeResult(f, 0);
        if (sineAndCosine && !zero) {
            unit.flags = 0;
            unit.series.cosine();
            round(unit, unit.series.negative, f.control);
            f.status |= unit.flags;
            X87.push(f, unit.significand, unit.exponent);
        } else {
            X87.push(f, Float80.INTEGER_BIT, BIAS);
        }
    }

    /** FPATAN: ST(1) = the angle of the point with x = ST(0), y = ST(1), then pop. */
    public static void partialArctangent(FpuState f) {
        if (!X87.isReadyToPop(f)) {
            return;
        }
        Float80 unit = f.unit;
        long xSig = X87.significand(f, 0);
        int xExp = X87.exponent(f, 0);
        long ySig = X87.significand(f, 1);
        int yExp = X87.exponent(f, 1);
        unit.flags = 0;
        if (!unit.settleNan(ySig, yExp, xSig, xExp)) {
            angle(unit, ySig, yExp, xSig, xExp, f.control);
        }
        X87.finishAndPop(f);
    }

    private static void angle(Float80 unit, long ySig, int yExp, long xSig, int xExp, int control) {
        boolean xInfinite = (xExp & MAX_EXPONENT) == MAX_EXPONENT;
        boolean yInfinite = (yExp & MAX_EXPONENT) == MAX_EXPONENT;
        boolean xNegative = (xExp & SIGN) != 0;
        int sign = yExp & SIGN;
        if ((Float80.isDenormal(xSig, xExp) || Float80.isDenormal(ySig, yExp)) && unit.denormalStops(control)) {
            return;
        }
        Series series = unit.series;
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
        round(unit, sign != 0, control);
    }

    /** FYL2X: ST(1) = ST(1) * log2 ST(0), then pop. */
    public static void yLog2X(FpuState f) {
        if (!X87.isReadyToPop(f)) {
            return;
        }
        Float80 unit = f.unit;
        long xSig = X87.significand(f, 0);
        int xExp = X87.exponent(f, 0);
        long ySig = X87.significand(f, 1);
        int yExp = X87.exponent(f, 1);
        unit.flags = 0;
        if (!unit.settleNan(ySig, yExp, xSig, xExp)) {
            Logarithms.yLog2X(unit, ySig, yExp, xSig, xExp, f.control);
        }
        X87.finishAndPop(f);
    }

    /** FYL2XP1: ST(1) = ST(1) * log2(ST(0) + 1), then pop. */
    public static void yLog2XPlusOne(FpuState f) {
        if (!X87.isReadyToPop(f)) {
            return;
        }
        Float80 unit = f.unit;
        long xSig = X87.significand(f, 0);
        int xExp = X87.exponent(f, 0);
        long ySig = X87.significand(f, 1);
        int yExp = X87.exponent(f, 1);
        unit.flags = 0;
        if (!unit.settleNan(ySig, yExp, xSig, xExp)) {
            Logarithms.yLog2XPlusOne(unit, ySig, yExp, xSig, xExp, f.control);
        }
        X87.finishAndPop(f);
    }
}
