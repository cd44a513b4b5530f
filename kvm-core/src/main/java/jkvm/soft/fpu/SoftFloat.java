package jkvm.soft.fpu;

/**
 * IEEE 754 binary32 and binary64 arithmetic with integers, as SSE defines it (SDM volume 1, 4.8, 4.9 and 11.5): all
 * rounding modes, all six exceptions, denormals-are-zeros and flush-to-zero. Values are the encoded bits,
 * zero-extended.
 *
 * <p>Inside, a finite value that is not zero is a sign, a biased exponent {@code e} that may leave the format's range,
 * and a significand {@code s} with 2^62 &lt;= s &lt; 2^63; the value is s * 2^(e - bias - 62). Bits that do not fit are
 * jammed: OR'ed into the lowest one, which is all that rounding needs to know of them.
 */
final class SoftFloat {
    static final SoftFloat SINGLE = new SoftFloat(8, 23), DOUBLE = new SoftFloat(11, 52);
    /** Where the significand's leading one stands. */
    private static final int TOP = 62;

    final int fractionBits;
    final int bias;
    final int maxExponent;
    final long sign, infinity, quiet, fraction;
    /** The NaN that invalid operations give: negative and quiet. */
    final long indefinite;

    private SoftFloat(int exponentBits, int fractionBits) {
        this.fractionBits = fractionBits;
        maxExponent = (1 << exponentBits) - 1;
        bias = maxExponent >> 1;
        sign = 1L << exponentBits + fractionBits;
        infinity = (long) maxExponent << fractionBits;
        fraction = (1L << fractionBits) - 1;
        quiet = 1L << fractionBits - 1;
        indefinite = sign | infinity | quiet;
    }

    boolean isNaN(long a) {
        return (a & ~sign) > infinity;
    }

    boolean isSignaling(long a) {
        return isNaN(a) && (a & quiet) == 0;
    }

    boolean isDenormal(long a) {
        return (a & infinity) == 0 && (a & fraction) != 0;
    }

    boolean isInfinite(long a) {
        return (a & ~sign) == infinity;
    }

    boolean isZero(long a) {
        return (a & ~sign) == 0;
    }

    /** The operand as denormals-are-zeros leaves it. */
    long operand(SimdUnit unit, long a) {
        return unit.denormalsAreZeros && isDenormal(a) ? a & sign : a;
    }

    long add(SimdUnit unit, long a, long b) {
        if (isNaN(a) || isNaN(b)) {
            return nan(unit, a, b);
        }
        if (isInfinite(a) && b == (a ^ sign)) {
            return invalid(unit);
        }
        if (denormalStops(unit, a, b)) {
            return 0;
        }
        a = operand(unit, a);
        b = operand(unit, b);
        if (isInfinite(a) || isInfinite(b)) {
            return isInfinite(a) ? a : b;
        }
        if (isZero(a) && isZero(b)) {
            return a == b ? a : exactZero(unit);
        }
        if (isZero(a) || isZero(b)) {
            long x = isZero(a) ? b : a;
            return round(unit, x & sign, exponent(x), significand(x));
        }
        return (a & ~sign) >= (b & ~sign) ? addOrdered(unit, a, b) : addOrdered(unit, b, a);
    }

    /** Both finite and not zero, the first one not the smaller in magnitude. */
    private long addOrdered(SimdUnit unit, long a, long b) {
        int e = exponent(a);
        long s = significand(a);
        long t = shiftRightJamming(significand(b), e - exponent(b));
        if (((a ^ b) & sign) == 0) {
            s += t;
            return s < 0 ? round(unit, a & sign, e + 1, s >>> 1 | s & 1) : round(unit, a & sign, e, s);
        }
        s -= t;
        if (s == 0) {
            return exactZero(unit);
        }
        int shift = Long.numberOfLeadingZeros(s) - 1;
        return round(unit, a & sign, e - shift, s << shift);
    }

    /** A NaN keeps its sign: subtraction is not addition of the negative where one is involved. */
    long subtract(SimdUnit unit, long a, long b) {
        return isNaN(b) ? add(unit, a, b) : add(unit, a, b ^ sign);
    }

    long multiply(SimdUnit unit, long a, long b) {
        if (isNaN(a) || isNaN(b)) {
            return nan(unit, a, b);
        }
        boolean zero = isZero(operand(unit, a)) || isZero(operand(unit, b));
        boolean infinite = isInfinite(a) || isInfinite(b);
        if (zero && infinite) {
            return invalid(unit);
        }
        if (denormalStops(unit, a, b)) {
            return 0;
        }
        long resultSign = (a ^ b) & sign;
        if (zero || infinite) {
            return resultSign | (zero ? 0 : infinity);
        }
        long s = significand(a);
        long t = significand(b);
        long product = Math.multiplyHigh(s, t);
        long sticky = s * t != 0 ? 1 : 0;
        int e = exponent(a) + exponent(b) - bias;
        return product >= 1L << TOP - 1 ? round(unit, resultSign, e + 1, product << 1 | sticky)
                : round(unit, resultSign, e, product << 2 | sticky);
    }

    long divide(SimdUnit unit, long a, long b) {
        if (isNaN(a) || isNaN(b)) {
            return nan(unit, a, b);
        }
        boolean zeroA = isZero(operand(unit, a));
        boolean zeroB = isZero(operand(unit, b));
        if (zeroA && zeroB || isInfinite(a) && isInfinite(b)) {
            return invalid(unit);
        }
        long resultSign = (a ^ b) & sign;
        if (zeroB && !isInfinite(a)) {
            unit.raise(SimdUnit.ZE);
            return resultSign | infinity;
        }
        if (denormalStops(unit, a, b)) {
            return 0;
        }
        if (isInfinite(a)) {
            return resultSign | infinity;
        }
        if (zeroA || isInfinite(b)) {
            return resultSign;
        }
        return divideFinite(unit, resultSign, a, b);
    }

    private long divideFinite(SimdUnit unit, long resultSign, long a, long b) {
        long dividend = significand(a) >>> 10;
        long divisor = significand(b) >>> 10;
        int e = exponent(a) - exponent(b) + bias;
        if (dividend < divisor) {
            dividend <<= 1;
            e--;
        }
        long quotient = 1;
        long remainder = dividend - divisor;
        for (int i = 0; i < 6; i++) {
            remainder <<= 10;
            quotient = quotient << 10 | remainder / divisor;
            remainder %= divisor;
        }
        return round(unit, resultSign, e, quotient << 2 | (remainder != 0 ? 1 : 0));
    }

    long squareRoot(SimdUnit unit, long a) {
        if (isNaN(a)) {
            return nan(unit, a, a);
        }
        if (isZero(operand(unit, a))) {
            return a & sign;
        }
        if ((a & sign) != 0) {
            return invalid(unit);
        }
        if (denormalStops(unit, a, a)) {
            return 0;
        }
        if (isInfinite(a)) {
            return a;
        }
        int e = exponent(a) - bias;
        long radicand = significand(a) << (e & 1);
        long root = 0;
        long remainder = 0;
        for (int i = 0; i < 57; i++) {
            remainder = remainder << 2 | radicand >>> 62;
            radicand <<= 2;
            long trial = root << 2 | 1;
            root <<= 1;
            if (remainder >= trial) {
                remainder -= trial;
                root |= 1;
            }
        }
        return round(unit, 0, bias + (e >> 1), root << 6 | (remainder != 0 ? 1 : 0));
    }

    /** The first operand's NaN if it is one, else the second's, made quiet. */
    long nan(SimdUnit unit, long a, long b) {
        if (isSignaling(a) || isSignaling(b)) {
            unit.raise(SimdUnit.IE);
        }
        return (isNaN(a) ? a : b) | quiet;
    }

    long invalid(SimdUnit unit) {
        unit.raise(SimdUnit.IE);
        return indefinite;
    }

    /**
     * Raises the denormal exception if an operand asks for it.
     *
     * @return true if nothing is to be computed
     */
    boolean denormalStops(SimdUnit unit, long a, long b) {
        return !unit.denormalsAreZeros && (isDenormal(a) || isDenormal(b)) && unit.stops(SimdUnit.DE);
    }

    private long exactZero(SimdUnit unit) {
        return unit.rounding() == SimdUnit.DOWN ? sign : 0;
    }

    /** Biased exponent of a finite value that is not zero; a denormal's is 0 or less. */
    int exponent(long a) {
        int e = (int) ((a & infinity) >>> fractionBits);
        return e != 0 ? e : 1 - (Long.numberOfLeadingZeros(a & fraction) - (63 - fractionBits));
    }

    /** Significand of a finite value that is not zero, leading one in bit 62. */
    long significand(long a) {
        long s = a & fraction | ((a & infinity) != 0 ? fraction + 1 : 0);
        return s << Long.numberOfLeadingZeros(s) - 1;
    }

    static long shiftRightJamming(long s, int count) {
        if (count == 0) {
            return s;
        }
        return count > TOP ? 1 : s >>> count | (s << -count != 0 ? 1 : 0);
    }

    /** The rounding mode's addend for a significand whose lowest {@code drop} bits go; the tie is not yet even. */
    static long increment(int rounding, boolean negative, int drop) {
        return switch (rounding) {
            case SimdUnit.NEAREST -> 1L << drop - 1;
            case SimdUnit.DOWN -> negative ? (1L << drop) - 1 : 0;
            case SimdUnit.UP -> negative ? 0 : (1L << drop) - 1;
            default -> 0;
        };
    }

    /** Rounds and encodes; {@code s} is a significand as above, jammed. Raises overflow, underflow and inexact. */
    long round(SimdUnit unit, long resultSign, int e, long s) {
        int drop = TOP - fractionBits;
        long increment = increment(unit.rounding(), resultSign != 0, drop);
        long lost = s & (1L << drop) - 1;
        boolean tiny = false;
        if (e <= 0) {
            // Tiny after rounding: with an unbounded exponent the rounded value would be below the smallest normal.
            tiny = e < 0 || s + increment >= 0;
            if (tiny && unit.flushToZero) {
                unit.raise(SimdUnit.UE | SimdUnit.PE);
                return resultSign;
            }
            s = shiftRightJamming(s, 1 - e);
            e = 1;
        }
        long dropped = s & (1L << drop) - 1;
        long rounded = s + increment >>> drop;
        if (unit.rounding() == SimdUnit.NEAREST && dropped == 1L << drop - 1) {
            rounded &= ~1L;
        }
        long magnitude = ((long) (e - 1) << fractionBits) + rounded;
        if (e >= maxExponent || magnitude >= infinity) {
            return overflow(unit, resultSign, lost != 0);
        }
        if (tiny && (dropped != 0 || unit.isUnmasked(SimdUnit.UE))) {
            unit.raise(SimdUnit.UE);
        }
        // A handler of underflow expects the result with an unbounded exponent, without bits lost to denormalization.
        if ((tiny && unit.isUnmasked(SimdUnit.UE) ? lost : dropped) != 0) {
            unit.raise(SimdUnit.PE);
        }
        return resultSign | magnitude;
    }

    private long overflow(SimdUnit unit, long resultSign, boolean inexact) {
        unit.raise(inexact || !unit.isUnmasked(SimdUnit.OE) ? SimdUnit.OE | SimdUnit.PE : SimdUnit.OE);
        int away = resultSign != 0 ? SimdUnit.DOWN : SimdUnit.UP;
        boolean toInfinity = unit.rounding() == SimdUnit.NEAREST || unit.rounding() == away;
        return resultSign | (toInfinity ? infinity : infinity - 1);
    }
}
