package jkvm.soft.fpu;

/**
 * SSE2's arithmetic on one lane of 64 bits. Operands and results are encoded bits; the first operand is the
 * instruction's destination.
 *
 * <p>Java's own arithmetic gives the result where it can differ in nothing: rounding to nearest, all exceptions masked,
 * operands that are no denormals, a result well inside the normal range. Then inexact is the only flag there can be. It
 * is found by exact integer arithmetic on the significands, unless it is set already. NaNs never come from Java, whose
 * choice among two of them depends on how the code was compiled.
 */
public final class DoubleLanes {
    private static final SoftFloat FORMAT = SoftFloat.DOUBLE;
    private static final long EXPONENT = 0x7FF0000000000000L, MAGNITUDE = 0x7FFFFFFFFFFFFFFFL,
            FRACTION = 0x000FFFFFFFFFFFFFL, HIDDEN = 0x0010000000000000L;
    private static final int BIAS = 1023;
    private static final double HUGE = 0x1p1023;

    private DoubleLanes() {
    }

    public static long add(SimdUnit unit, long a, long b) {
        if (unit.nativeRounding && isPlain(a) && isPlain(b)) {
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            double sum = x + y;
            long result = Double.doubleToRawLongBits(sum);
            if (isOrdinary(result) || sum == 0) {
                if (!unit.inexactKnown && isInexactSum(x, y, sum)) {
                    unit.raise(SimdUnit.PE);
                }
                return result;
            }
        }
        return FORMAT.add(unit, a, b);
    }

    public static long subtract(SimdUnit unit, long a, long b) {
        if (unit.nativeRounding && isPlain(a) && isPlain(b)) {
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            double difference = x - y;
            long result = Double.doubleToRawLongBits(difference);
            if (isOrdinary(result) || difference == 0) {
                if (!unit.inexactKnown && isInexactSum(x, -y, difference)) {
                    unit.raise(SimdUnit.PE);
                }
                return result;
            }
        }
        return FORMAT.subtract(unit, a, b);
    }

    /**
     * True if rounding took something from a sum: Knuth's TwoSum finds it exactly, unless an intermediate overflows.
     */
    private static boolean isInexactSum(double x, double y, double sum) {
        if (Math.abs(x) >= HUGE || Math.abs(y) >= HUGE) {
            x *= 0.5;
            y *= 0.5;
            sum *= 0.5;
        }
        double part = sum - x;
        return x - (sum - part) + (y - part) != 0;
    }

    public static long multiply(SimdUnit unit, long a, long b) {
        if (unit.nativeRounding && isPlain(a) && isPlain(b)) {
            long result = Double.doubleToRawLongBits(Double.longBitsToDouble(a) * Double.longBitsToDouble(b));
            if (isOrdinary(result)) {
                if (!unit.inexactKnown && isInexactProduct(a, b, result)) {
                    unit.raise(SimdUnit.PE);
                }
                return result;
            }
        }
        return FORMAT.multiply(unit, a, b);
    }

    /** A product is exact if its factors' trailing zeros are at least as many as the bits that do not fit. */
    private static boolean isInexactProduct(long a, long b, long result) {
        int zeros = Long.numberOfTrailingZeros(a | HIDDEN) + Long.numberOfTrailingZeros(b | HIDDEN);
        return zeros < 52 + exponent(result) - exponent(a) - exponent(b) + BIAS;
    }

    public static long divide(SimdUnit unit, long a, long b) {
        if (unit.nativeRounding && isPlain(a) && isPlain(b)) {
            long result = Double.doubleToRawLongBits(Double.longBitsToDouble(a) / Double.longBitsToDouble(b));
            if (isOrdinary(result)) {
                if (!unit.inexactKnown && isInexactQuotient(a, b, result)) {
                    unit.raise(SimdUnit.PE);
                }
                return result;
            }
        }
        return FORMAT.divide(unit, a, b);
    }

    /** The quotient times the divisor misses the dividend by less than 2^54: the low 64 bits tell if it does. */
    private static boolean isInexactQuotient(long a, long b, long result) {
        int shift = 52 + exponent(a) - exponent(b) - exponent(result) + BIAS;
        return significand(result) * significand(b) != significand(a) << shift;
    }

    public static long squareRoot(SimdUnit unit, long a) {
        if (unit.nativeRounding && a > 0 && isOrdinary(a)) {
            long result = Double.doubleToRawLongBits(Math.sqrt(Double.longBitsToDouble(a)));
            if (!unit.inexactKnown) {
                long root = significand(result);
                int shift = 52 + exponent(a) - 2 * exponent(result) + BIAS;
                if (root * root != significand(a) << shift) {
                    unit.raise(SimdUnit.PE);
                }
            }
            return result;
        }
        return FORMAT.squareRoot(unit, a);
    }

    /** The second operand where either is a NaN, or where both are zeros. */
    public static long minimum(SimdUnit unit, long a, long b) {
        if (isPlain(a) && isPlain(b)) {
            return Double.longBitsToDouble(a) < Double.longBitsToDouble(b) ? a : b;
        }
        return Comparison.minimum(unit, FORMAT, a, b);
    }

    public static long maximum(SimdUnit unit, long a, long b) {
        if (isPlain(a) && isPlain(b)) {
            return Double.longBitsToDouble(a) > Double.longBitsToDouble(b) ? a : b;
        }
        return Comparison.maximum(unit, FORMAT, a, b);
    }

    /** CMPSD's {@code predicate}, 0 to 31: 0 to 7 are SSE's. */
    public static boolean compare(SimdUnit unit, long a, long b, int predicate) {
        return Comparison.holds(order(unit, a, b, Comparison.isSignaling(predicate)), predicate);
    }

    /**
     * {@link Comparison}'s relation of the two.
     *
     * @param signaling a quiet NaN is invalid too
     */
    public static int order(SimdUnit unit, long a, long b, boolean signaling) {
        if (isPlain(a) && isPlain(b)) {
            return Comparison.relation(Double.longBitsToDouble(a), Double.longBitsToDouble(b));
        }
        return Comparison.order(unit, FORMAT, a, b, signaling);
    }

    /** Zero or a normal number. */
    private static boolean isPlain(long a) {
        long e = a & EXPONENT;
        return e != EXPONENT && (e != 0 || (a & MAGNITUDE) == 0);
    }

    /** A normal number of at least twice the smallest one: nothing below can have been rounded up to it. */
    private static boolean isOrdinary(long a) {
        return Long.compareUnsigned((a & EXPONENT) - 2 * HIDDEN, EXPONENT - 2 * HIDDEN) < 0;
    }

    private static int exponent(long a) {
        return (int) (a >>> 52) & 0x7FF;
    }

    private static long significand(long a) {
        return a & FRACTION | HIDDEN;
    }
}
