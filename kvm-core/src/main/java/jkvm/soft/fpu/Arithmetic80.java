package jkvm.soft.fpu;

import static jkvm.soft.fpu.Float80.BIAS;
import static jkvm.soft.fpu.Float80.DOWN;
import static jkvm.soft.fpu.Float80.INTEGER_BIT;
import static jkvm.soft.fpu.Float80.MAX_EXPONENT;
import static jkvm.soft.fpu.Float80.ROUNDING;
import static jkvm.soft.fpu.Float80.SIGN;
import static jkvm.soft.fpu.Float80.isDenormal;
import static jkvm.soft.fpu.Float80.isZero;
import static jkvm.soft.fpu.FpuState.ZE;

/**
 * Addition, subtraction, multiplication, division and square root of the x87, subject to precision control. Each leaves
 * its result and exceptions in the {@link Float80} that it is given.
 */
final class Arithmetic80 {
    private Arithmetic80() {
    }

    static void add(Float80 unit, long aSig, int aExp, long bSig, int bExp, int control) {
        unit.flags = 0;
        if (!unit.settleNan(aSig, aExp, bSig, bExp)) {
            sum(unit, aSig, aExp, bSig, bExp, control);
        }
    }

    /** a - b. */
    static void subtract(Float80 unit, long aSig, int aExp, long bSig, int bExp, int control) {
        unit.flags = 0;
        if (!unit.settleNan(aSig, aExp, bSig, bExp)) {
            sum(unit, aSig, aExp, bSig, bExp ^ SIGN, control);
        }
    }

    private static void sum(Float80 unit, long aSig, int aExp, long bSig, int bExp, int control) {
        boolean aInfinite = (aExp & MAX_EXPONENT) == MAX_EXPONENT;
        boolean bInfinite = (bExp & MAX_EXPONENT) == MAX_EXPONENT;
        if (aInfinite && bInfinite && aExp != bExp) {
            unit.invalid();
            return;
        }
        if (unit.isAnyDenormal(aSig, aExp, bSig, bExp) && unit.denormalStops(control)) {
            return;
        }
        if (aInfinite || bInfinite) {
            unit.infinity((aInfinite ? aExp : bExp) & SIGN);
            return;
        }
        if (aSig == 0 || bSig == 0) {
            sumWithZero(unit, aSig, aExp, bSig, bExp, control);
            return;
        }
        long a = unit.normalised(aSig, aExp);
        int ea = unit.normalExponent;
        long b = unit.normalised(bSig, bExp);
        int eb = unit.normalExponent;
        if (ea < eb || ea == eb && Long.compareUnsigned(a, b) < 0) {
            addMagnitudes(unit, bExp & SIGN, eb, b, aExp & SIGN, ea, a, control);
        } else {
            addMagnitudes(unit, aExp & SIGN, ea, a, bExp & SIGN, eb, b, control);
        }
    }

    private static void sumWithZero(Float80 unit, long aSig, int aExp, long bSig, int bExp, int control) {
        if (aSig == 0 && bSig == 0) {
            int sign = aExp & SIGN;
            unit.zero(sign == (bExp & SIGN) ? sign : (control & ROUNDING) == DOWN ? SIGN : 0);
            return;
        }
        long sig = aSig == 0 ? bSig : aSig;
        int exp = aSig == 0 ? bExp : aExp;
        long normal = unit.normalised(sig, exp);
        unit.roundPack(exp & SIGN, unit.normalExponent, normal, 0, control);
    }

    /** The larger magnitude first. */
    private static void addMagnitudes(Float80 unit, int aSign, int ea, long a, int bSign, int eb, long b, int control) {
        int distance = ea - eb;
        long b1;
        long b0;
        if (distance == 0) {
            b1 = b;
            b0 = 0;
        } else if (distance < 64) {
            b1 = b >>> distance;
            b0 = b << 64 - distance;
        } else if (distance < 128) {
            b1 = 0;
            b0 = b >>> distance - 64 | (distance > 64 && b << 128 - distance != 0 ? 1 : 0);
        } else {
            b1 = 0;
            b0 = 1;
        }
        if (aSign == bSign) {
            long s1 = a + b1;
            if (Long.compareUnsigned(s1, a) < 0) {
                unit.roundPack(aSign, ea + 1, s1 >>> 1 | INTEGER_BIT, s1 << 63 | b0 >>> 1 | b0 & 1, control);
            } else {
                unit.roundPack(aSign, ea, s1, b0, control);
            }
            return;
        }
        long s0 = -b0;
        long s1 = a - b1 - (b0 != 0 ? 1 : 0);
        if (s1 == 0 && s0 == 0) {
            unit.zero((control & ROUNDING) == DOWN ? SIGN : 0);
            return;
        }
        int shift = s1 != 0 ? Long.numberOfLeadingZeros(s1) : 64 + Long.numberOfLeadingZeros(s0);
        if (shift >= 64) {
            s1 = s0 << shift - 64;
            s0 = 0;
        } else if (shift > 0) {
            s1 = s1 << shift | s0 >>> 64 - shift;
            s0 <<= shift;
        }
        unit.roundPack(aSign, ea - shift, s1, s0, control);
    }

    static void multiply(Float80 unit, long aSig, int aExp, long bSig, int bExp, int control) {
        unit.flags = 0;
        if (unit.settleNan(aSig, aExp, bSig, bExp)) {
            return;
        }
        int sign = (aExp ^ bExp) & SIGN;
        boolean infinite = (aExp & MAX_EXPONENT) == MAX_EXPONENT || (bExp & MAX_EXPONENT) == MAX_EXPONENT;
        if (infinite && (aSig == 0 || bSig == 0)) {
            unit.invalid();
            return;
        }
        if (unit.isAnyDenormal(aSig, aExp, bSig, bExp) && unit.denormalStops(control)) {
            return;
        }
        if (infinite) {
            unit.infinity(sign);
            return;
        }
        if (aSig == 0 || bSig == 0) {
            unit.zero(sign);
            return;
        }
        long a = unit.normalised(aSig, aExp);
        int exp = unit.normalExponent;
        long b = unit.normalised(bSig, bExp);
        exp += unit.normalExponent - BIAS + 1;
        long high = Math.unsignedMultiplyHigh(a, b);
        long low = a * b;
        if (high >= 0) {
            high = high << 1 | low >>> 63;
            low <<= 1;
            exp--;
        }
        unit.roundPack(sign, exp, high, low, control);
    }

    /** a / b. */
    static void divide(Float80 unit, long aSig, int aExp, long bSig, int bExp, int control) {
        unit.flags = 0;
        if (unit.settleNan(aSig, aExp, bSig, bExp)) {
            return;
        }
        int sign = (aExp ^ bExp) & SIGN;
        boolean aInfinite = (aExp & MAX_EXPONENT) == MAX_EXPONENT;
        boolean bInfinite = (bExp & MAX_EXPONENT) == MAX_EXPONENT;
        if (aInfinite && bInfinite || isZero(aSig, aExp) && isZero(bSig, bExp)) {
            unit.invalid();
            return;
        }
        if (isZero(bSig, bExp) && !aInfinite) {
            unit.flags |= ZE;
            unit.infinity(sign);
            return;
        }
        if (unit.isAnyDenormal(aSig, aExp, bSig, bExp) && unit.denormalStops(control)) {
            return;
        }
        if (aInfinite) {
            unit.infinity(sign);
            return;
        }
        if (bInfinite || aSig == 0) {
            unit.zero(sign);
            return;
        }
        long a = unit.normalised(aSig, aExp);
        int exp = unit.normalExponent;
        long b = unit.normalised(bSig, bExp);
        exp += BIAS - unit.normalExponent;
        long high = a;
        long low = 0;
        if (Long.compareUnsigned(a, b) >= 0) {
            high = a >>> 1;
            low = a << 63;
        } else {
            exp--;
        }
        long quotient = WideIntegers.divide128(high, low, b);
        long remainder = low - quotient * b;
        unit.roundPack(sign, exp, quotient, WideIntegers.fraction(remainder, b), control);
    }

    static void squareRoot(Float80 unit, long sig, int exp, int control) {
        unit.flags = 0;
        if (unit.settleNan(sig, exp)) {
            return;
        }
        if (sig == 0) {
            unit.result(sig, exp);
            return;
        }
        if ((exp & SIGN) != 0) {
            unit.invalid();
            return;
        }
        if (exp == MAX_EXPONENT) {
            unit.infinity(0);
            return;
        }
        if (isDenormal(sig, exp) && unit.denormalStops(control)) {
            return;
        }
        long m = unit.normalised(sig, exp);
        int e = unit.normalExponent - BIAS;
        // The radicand is m * 2^64 or m * 2^63, so that its exponent is even and the root has 64 bits.
        long high = (e & 1) == 0 ? m >>> 1 : m;
        long low = (e & 1) == 0 ? m << 63 : 0;
        long root = WideIntegers.root128(high, low);
        long r1 = high - Math.unsignedMultiplyHigh(root, root);
        long square = root * root;
        long r0 = low - square;
        r1 -= Long.compareUnsigned(low, square) < 0 ? 1 : 0;
        // The remainder is at most 2 * root: above root means a fraction above one half. It is never exactly half.
        long extra = r1 != 0 || Long.compareUnsigned(r0, root) > 0 ? Long.MIN_VALUE | 1 : r0 != 0 ? 1 : 0;
        unit.roundPack(0, (e >> 1) + BIAS, root, extra, control);
    }
}
