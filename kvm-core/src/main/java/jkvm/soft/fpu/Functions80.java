package jkvm.soft.fpu;

import static jkvm.soft.fpu.Float80.BIAS;
import static jkvm.soft.fpu.Float80.MAX_EXPONENT;
import static jkvm.soft.fpu.Float80.SIGN;
import static jkvm.soft.fpu.Float80.isDenormal;
import static jkvm.soft.fpu.Float80.isInfinity;
import static jkvm.soft.fpu.Float80.isNan;
import static jkvm.soft.fpu.Float80.isSignallingNan;
import static jkvm.soft.fpu.Float80.isUnsupported;
import static jkvm.soft.fpu.Float80.isZero;
import static jkvm.soft.fpu.Float80.roundsUp;
import static jkvm.soft.fpu.FpuState.C0;
import static jkvm.soft.fpu.FpuState.C1;
import static jkvm.soft.fpu.FpuState.C2;
import static jkvm.soft.fpu.FpuState.C3;
import static jkvm.soft.fpu.FpuState.DE;
import static jkvm.soft.fpu.FpuState.IE;
import static jkvm.soft.fpu.FpuState.ZE;

/**
 * The x87's operations that precision control does not touch: rounding to an integer, scaling, taking a number apart,
 * comparison and remainder. Each leaves its result and exceptions in the {@link Float80} that it is given.
 */
final class Functions80 {
    private Functions80() {
    }

    /** FRNDINT. */
    static void roundToInteger(Float80 unit, long sig, int exp, int control) {
        unit.flags = 0;
        if (unit.settleNan(sig, exp)) {
            return;
        }
        int biased = exp & MAX_EXPONENT;
        if (sig == 0 || biased >= BIAS + 63) {
            unit.result(sig, exp);
            return;
        }
        if (biased == 0 && unit.denormalStops(control)) {
            return;
        }
        int sign = exp & SIGN;
        int fractionBits = BIAS + 63 - biased;
        long whole = fractionBits > 63 ? 0 : sig >>> fractionBits;
        long rest = fractionBits < 64 ? sig << 64 - fractionBits : fractionBits == 64 ? sig : 1;
        boolean up = roundsUp(sign, (whole & 1) != 0, rest, control);
        unit.noteRounding(rest, up);
        if (up) {
            whole++;
        }
        if (whole == 0) {
            unit.zero(sign);
        } else {
            int shift = Long.numberOfLeadingZeros(whole);
            unit.result(whole << shift, sign | BIAS + 63 - shift);
        }
    }

    /** FXTRACT, first result: the exponent as a number. The significand comes by {@link #extractSignificand}. */
    static void extractExponent(Float80 unit, long sig, int exp, int control) {
        unit.flags = 0;
        if (unit.settleNan(sig, exp)) {
            return;
        }
        if (isInfinity(sig, exp)) {
            unit.infinity(0);
            return;
        }
        if (sig == 0) {
            unit.flags |= ZE;
            unit.infinity(SIGN);
            return;
        }
        if (isDenormal(sig, exp) && unit.denormalStops(control)) {
            return;
        }
        unit.normalised(sig, exp);
        int saved = unit.flags;
        unit.fromLong(unit.normalExponent - BIAS);
        unit.flags = saved;
    }

    /** FXTRACT, second result; raises nothing. */
    static void extractSignificand(Float80 unit, long sig, int exp) {
        if (unit.settleNan(sig, exp)) {
            return;
        }
        if (sig == 0 || isInfinity(sig, exp)) {
            unit.result(sig, exp);
            return;
        }
        long normal = unit.normalised(sig, exp);
        unit.result(normal, exp & SIGN | BIAS);
    }

    /** FSCALE: a * 2^trunc(b). Not subject to precision control. */
    static void scale(Float80 unit, long aSig, int aExp, long bSig, int bExp, int control) {
        unit.flags = 0;
        if (unit.settleNan(aSig, aExp, bSig, bExp)) {
            return;
        }
        boolean bInfinite = isInfinity(bSig, bExp);
        boolean bNegative = (bExp & SIGN) != 0;
        if (bInfinite && (bNegative ? isInfinity(aSig, aExp) : isZero(aSig, aExp))) {
            unit.invalid();
            return;
        }
        if (unit.isAnyDenormal(aSig, aExp, bSig, bExp) && unit.denormalStops(control)) {
            return;
        }
        int sign = aExp & SIGN;
        if (bInfinite && !isInfinity(aSig, aExp) && aSig != 0) {
            if (bNegative) {
                unit.zero(sign);
            } else {
                unit.infinity(sign);
            }
            return;
        }
        if (aSig == 0 || isInfinity(aSig, aExp) || bSig == 0) {
            unit.pass(aSig, aExp);
            return;
        }
        long a = unit.normalised(aSig, aExp);
        int ea = unit.normalExponent;
        unit.roundPack64(sign, ea + scaleBy(bSig, bExp), a, 0, control);
    }

    /** The integer part of b, limited to what moves any number out of range. */
    private static int scaleBy(long bSig, int bExp) {
        int biased = bExp & MAX_EXPONENT;
        if (biased < BIAS) {
            return 0;
        }
        int value = biased > BIAS + 16 ? 0x20000 : (int) (bSig >>> BIAS + 63 - biased);
        return (bExp & SIGN) != 0 ? -value : value;
    }

    /**
     * Compares a with b: condition codes in {@link Float80#flags}.
     *
     * @param quiet true for FUCOM, where a quiet NaN is unordered without an exception
     */
    static void compare(Float80 unit, long aSig, int aExp, long bSig, int bExp, boolean quiet) {
        unit.flags = 0;
        boolean unsupported = isUnsupported(aSig, aExp) || isUnsupported(bSig, bExp);
        if (unsupported || isNan(aSig, aExp) || isNan(bSig, bExp)) {
            boolean signals = isSignallingNan(aSig, aExp) || isSignallingNan(bSig, bExp);
            unit.flags = C0 | C2 | C3 | (unsupported || signals || !quiet ? IE : 0);
            return;
        }
        if (unit.isAnyDenormal(aSig, aExp, bSig, bExp)) {
            unit.flags |= DE;
        }
        int order = order(aSig, aExp, bSig, bExp);
        unit.flags |= order < 0 ? C0 : order == 0 ? C3 : 0;
    }

    private static int order(long aSig, int aExp, long bSig, int bExp) {
        if (aSig == 0 && bSig == 0) {
            return 0;
        }
        boolean aNegative = (aExp & SIGN) != 0;
        if (aNegative != ((bExp & SIGN) != 0)) {
            return aNegative ? -1 : 1;
        }
        // A pseudo-denormal equals the normal number with exponent 1.
        int magnitude = Integer.compare(aSig == 0 ? 0 : Math.max(aExp & MAX_EXPONENT, 1),
                bSig == 0 ? 0 : Math.max(bExp & MAX_EXPONENT, 1));
        if (magnitude == 0) {
            magnitude = Long.compareUnsigned(aSig, bSig);
        }
        return aNegative ? -magnitude : magnitude;
    }

    /** FXAM: the class of a number as condition codes. An empty register is the caller's to tell. */
    public static int examine(long sig, int exp) {
        int sign = (exp & SIGN) != 0 ? C1 : 0;
        int biased = exp & MAX_EXPONENT;
        if (biased == 0) {
            return sign | (sig == 0 ? C3 : C3 | C2);
        }
        if (sig >= 0) {
            return sign;
        }
        if (biased == MAX_EXPONENT) {
            return sign | (sig << 1 == 0 ? C2 | C0 : C0);
        }
        return sign | C2;
    }

    /** FPREM and FPREM1; see {@link Remainder}. */
    static void remainder(Float80 unit, long aSig, int aExp, long bSig, int bExp, boolean nearest, int control) {
        unit.flags = 0;
        if (unit.settleNan(aSig, aExp, bSig, bExp)) {
            return;
        }
        if (isInfinity(aSig, aExp) || isZero(bSig, bExp)) {
            unit.invalid();
            return;
        }
        if (unit.isAnyDenormal(aSig, aExp, bSig, bExp) && unit.denormalStops(control)) {
            return;
        }
        if (aSig == 0 || isInfinity(bSig, bExp)) {
            unit.pass(aSig, aExp);
            return;
        }
        long a = unit.normalised(aSig, aExp);
        int ea = unit.normalExponent;
        long b = unit.normalised(bSig, bExp);
        Remainder.compute(unit, aExp & SIGN, ea, a, unit.normalExponent, b, nearest, control);
    }
}
