package jkvm.soft.fpu;

import static jkvm.soft.fpu.Float80.BIAS;
import static jkvm.soft.fpu.Float80.MAX_EXPONENT;
import static jkvm.soft.fpu.Float80.SIGN;
import static jkvm.soft.fpu.FpuState.PE;
import static jkvm.soft.fpu.FpuState.ZE;

/**
 * FYL2X and FYL2XP1 on operands that are no NaN: special operands by the SDM's tables, then {@link LogarithmSeries}.
 */
final class Logarithms {
    private Logarithms() {
    }

    static void yLog2X(Float80 unit, long ySig, int yExp, long xSig, int xExp, int control) {
        boolean xInfinite = (xExp & MAX_EXPONENT) == MAX_EXPONENT;
        boolean yInfinite = (yExp & MAX_EXPONENT) == MAX_EXPONENT;
        boolean one = xSig == Float80.INTEGER_BIT && xExp == BIAS;
        int sign = yExp & SIGN;
        if (xSig != 0 && (xExp & SIGN) != 0 || xSig == 0 && ySig == 0 || one && yInfinite
                || xInfinite && ySig == 0) {
            unit.invalid();
            return;
        }
        if (xSig == 0) {
            if (!yInfinite) {
                unit.flags |= ZE;
            }
            unit.infinity(sign ^ SIGN);
            return;
        }
        if ((Float80.isDenormal(xSig, xExp) || Float80.isDenormal(ySig, yExp)) && unit.denormalStops(control)) {
            return;
        }
        boolean below = (xExp & MAX_EXPONENT) < BIAS;
        if (xInfinite || yInfinite) {
            unit.infinity(below ? sign ^ SIGN : sign);
        } else if (ySig == 0 || one) {
            unit.zero(below ? sign ^ SIGN : sign);
        } else {
            long x = unit.normalised(xSig, xExp);
            unit.logarithms.log2(x, unit.normalExponent - BIAS);
            product(unit, ySig, yExp, control);
        }
    }

    /** Multiplies the logarithm by y. */
    private static void product(Float80 unit, long ySig, int yExp, int control) {
        Series series = unit.logarithms;
        Wide value = series.result;
        long y = unit.normalised(ySig, yExp);
        value.multiply(y, 0);
        value.exponent += unit.normalExponent - BIAS + 1;
        value.normalise();
        int sign = (series.negative ? SIGN : 0) ^ yExp & SIGN;
        Transcendentals.roundInexact(unit, series, sign, value.exponent + BIAS, control);
    }

    static void yLog2XPlusOne(Float80 unit, long ySig, int yExp, long xSig, int xExp, int control) {
        boolean xInfinite = (xExp & MAX_EXPONENT) == MAX_EXPONENT;
        boolean yInfinite = (yExp & MAX_EXPONENT) == MAX_EXPONENT;
        boolean xNegative = (xExp & SIGN) != 0;
        int sign = (xExp ^ yExp) & SIGN;
        if (xInfinite && (xNegative || ySig == 0) || yInfinite && xSig == 0) {
            unit.invalid();
            return;
        }
        if ((Float80.isDenormal(xSig, xExp) || Float80.isDenormal(ySig, yExp)) && unit.denormalStops(control)) {
            return;
        }
        if (xInfinite || yInfinite) {
            unit.infinity(sign);
        } else if (xSig == 0 || ySig == 0) {
            unit.zero(sign);
        } else if (xNegative && (xExp & MAX_EXPONENT) >= BIAS) {
            // Undefined from -1 down: silicon leaves the operand, and calls that inexact.
            unit.flags |= PE;
            unit.result(xSig, xExp);
        } else {
            long x = unit.normalised(xSig, xExp);
            unit.logarithms.log2OfOnePlus(x, unit.normalExponent - BIAS, xNegative);
            product(unit, ySig, yExp, control);
        }
    }
}
