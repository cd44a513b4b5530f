package jkvm.soft.fpu;

/**
 * SSE's conversions between integers, single and double precision, and rounding to integral values. Floating-point
 * numbers are encoded bits, zero-extended. Truncating forms set the unit's rounding first.
 */
public final class Conversion {
    /** The integer indefinite: the result where the value does not fit. */
    private static final long INDEFINITE_32 = 0x80000000L, INDEFINITE_64 = Long.MIN_VALUE;

    private Conversion() {
    }

    public static long singleToDouble(SimdUnit unit, long a) {
        int e = (int) (a >> 23) & 0xFF;
        if (e != 0 && e != 0xFF) {
            return Double.doubleToRawLongBits(Float.intBitsToFloat((int) a));
        }
        return convert(unit, SoftFloat.SINGLE, SoftFloat.DOUBLE, a);
    }

    public static long doubleToSingle(SimdUnit unit, long a) {
        double value = Double.longBitsToDouble(a);
        double magnitude = Math.abs(value);
        if (unit.nativeRounding && magnitude >= 2 * Float.MIN_NORMAL && magnitude <= Float.MAX_VALUE) {
            float result = (float) value;
            if (result != value) {
                unit.raise(SimdUnit.PE);
            }
            return Integer.toUnsignedLong(Float.floatToRawIntBits(result));
        }
        return convert(unit, SoftFloat.DOUBLE, SoftFloat.SINGLE, a);
    }

    private static long convert(SimdUnit unit, SoftFloat from, SoftFloat to, long a) {
        long sign = (a & from.sign) != 0 ? to.sign : 0;
        if (from.isNaN(a)) {
            long quiet = from.nan(unit, a, a) & from.fraction;
            int shift = to.fractionBits - from.fractionBits;
            return sign | to.infinity | (shift > 0 ? quiet << shift : quiet >>> -shift);
        }
        if (from.denormalStops(unit, a, a)) {
            return 0;
        }
        a = from.operand(unit, a);
        if (from.isInfinite(a)) {
            return sign | to.infinity;
        }
        if (from.isZero(a)) {
            return sign;
        }
        return to.round(unit, sign, from.exponent(a) - from.bias + to.bias, from.significand(a));
    }

    /** A signed integer of 32 or 64 bits, sign-extended. */
    public static long integerToSingle(SimdUnit unit, long value) {
        return fromInteger(unit, SoftFloat.SINGLE, value);
    }

    /** A signed integer of 32 or 64 bits, sign-extended. */
    public static long integerToDouble(SimdUnit unit, long value) {
        if (value == (int) value) {
            return Double.doubleToRawLongBits((double) value);
        }
        return fromInteger(unit, SoftFloat.DOUBLE, value);
    }

    private static long fromInteger(SimdUnit unit, SoftFloat format, long value) {
        if (value == 0) {
            return 0;
        }
        long sign = value < 0 ? format.sign : 0;
        if (value == Long.MIN_VALUE) {
            return format.round(unit, sign, format.bias + 63, 1L << 62);
        }
        long magnitude = Math.abs(value);
        int shift = Long.numberOfLeadingZeros(magnitude) - 1;
        return format.round(unit, sign, format.bias + 62 - shift, magnitude << shift);
    }

    /** To a signed integer of 32 bits, zero-extended. */
    public static long singleToInt(SimdUnit unit, long a) {
        return toInteger(unit, SoftFloat.SINGLE, a, 31) & 0xFFFFFFFFL;
    }

    public static long singleToLong(SimdUnit unit, long a) {
        return toInteger(unit, SoftFloat.SINGLE, a, 63);
    }

    /** To a signed integer of 32 bits, zero-extended. */
    public static long doubleToInt(SimdUnit unit, long a) {
        double value = Double.longBitsToDouble(a);
        if (unit.rounding() == SimdUnit.TO_ZERO && Math.abs(value) >= 1 && Math.abs(value) < 0x1p31) {
            if ((int) value != value) {
                unit.raise(SimdUnit.PE);
            }
            return (int) value & 0xFFFFFFFFL;
        }
        return toInteger(unit, SoftFloat.DOUBLE, a, 31) & 0xFFFFFFFFL;
    }

    public static long doubleToLong(SimdUnit unit, long a) {
        double value = Double.longBitsToDouble(a);
        if (unit.rounding() == SimdUnit.TO_ZERO && Math.abs(value) >= 1 && Math.abs(value) < 0x1p63) {
            if ((long) value != value) {
                unit.raise(SimdUnit.PE);
            }
            return (long) value;
        }
        return toInteger(unit, SoftFloat.DOUBLE, a, 63);
    }

    private static long toInteger(SimdUnit unit, SoftFloat format, long a, int bits) {
        a = format.operand(unit, a);
        if (format.isZero(a)) {
            return 0;
        }
        boolean negative = (a & format.sign) != 0;
        int e = format.exponent(a) - format.bias;
        long s = format.significand(a);
        if (e > 62) {
            boolean lowest = bits == 63 && e == 63 && negative && s == 1L << 62;
            return lowest ? Long.MIN_VALUE : invalidInteger(unit, bits);
        }
        long magnitude = roundedInteger(unit.rounding(), negative, e, s);
        if (bits == 31 && magnitude > Integer.MAX_VALUE + (negative ? 1L : 0L)) {
            return invalidInteger(unit, bits);
        }
        if (hasFraction(e, s)) {
            unit.raise(SimdUnit.PE);
        }
        return negative ? -magnitude : magnitude;
    }

    private static long invalidInteger(SimdUnit unit, int bits) {
        unit.raise(SimdUnit.IE);
        return bits == 31 ? INDEFINITE_32 : INDEFINITE_64;
    }

    /** True if s * 2^(e - 62), e at most 62, is no integer. */
    private static boolean hasFraction(int e, long s) {
        return e < 0 || (s & (1L << 62 - e) - 1) != 0;
    }

    /** The value s * 2^(e - 62), e at most 62, rounded to an integer. */
    private static long roundedInteger(int rounding, boolean negative, int e, long s) {
        int drop = 62 - e;
        if (drop == 0) {
            return s;
        }
        // Below one half all that counts is that there is something.
        long whole = drop > 63 ? 0 : s >>> drop;
        long fraction = drop > 63 ? 1 : s & (1L << drop) - 1;
        long half = drop > 63 ? 2 : 1L << drop - 1;
        boolean up = switch (rounding) {
            case SimdUnit.NEAREST -> fraction > half || fraction == half && (whole & 1) != 0;
            case SimdUnit.DOWN -> negative && fraction != 0;
            case SimdUnit.UP -> !negative && fraction != 0;
            default -> false;
        };
        return up ? whole + 1 : whole;
    }

    /** ROUNDSS, in the rounding mode in force. */
    public static long roundSingle(SimdUnit unit, long a) {
        return roundToIntegral(unit, SoftFloat.SINGLE, a);
    }

    /** ROUNDSD, in the rounding mode in force. */
    public static long roundDouble(SimdUnit unit, long a) {
        return roundToIntegral(unit, SoftFloat.DOUBLE, a);
    }

    private static long roundToIntegral(SimdUnit unit, SoftFloat format, long a) {
        if (format.isNaN(a)) {
            return format.nan(unit, a, a);
        }
        a = format.operand(unit, a);
        if (format.isZero(a)) {
            return a;
        }
        int e = format.exponent(a) - format.bias;
        if (e >= format.fractionBits) {
            return a;
        }
        long sign = a & format.sign;
        long s = format.significand(a);
        if (hasFraction(e, s)) {
            unit.raise(SimdUnit.PE);
        }
        long magnitude = roundedInteger(unit.rounding(), sign != 0, e, s);
        if (magnitude == 0) {
            return sign;
        }
        int shift = Long.numberOfLeadingZeros(magnitude) - 1;
        long top = magnitude << shift >>> 62 - format.fractionBits;
        return sign | ((long) (format.bias + 62 - shift - 1) << format.fractionBits) + top;
    }
}
