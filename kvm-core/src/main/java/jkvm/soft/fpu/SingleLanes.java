package jkvm.soft.fpu;

/**
 * SSE's arithmetic on one lane of 32 bits: as {@link DoubleLanes}. Operands and results are encoded bits,
 * zero-extended. Whether a result is exact is asked of double precision, which holds sums, products and squares of
 * these numbers.
 */
public final class SingleLanes {
    private static final SoftFloat FORMAT = SoftFloat.SINGLE;
    private static final int EXPONENT = 0x7F800000, MAGNITUDE = 0x7FFFFFFF, HIDDEN = 0x00800000;

    private SingleLanes() {
    }

    public static long add(SimdUnit unit, long a, long b) {
        if (unit.nativeRounding && isPlain((int) a) && isPlain((int) b)) {
            float x = Float.intBitsToFloat((int) a);
            float y = Float.intBitsToFloat((int) b);
            float sum = x + y;
            int result = Float.floatToRawIntBits(sum);
            if (isOrdinary(result) || sum == 0) {
                if (!unit.inexactKnown && isInexactSum(x, y, sum)) {
                    unit.raise(SimdUnit.PE);
                }
                return Integer.toUnsignedLong(result);
            }
        }
        return FORMAT.add(unit, a, b);
    }

    public static long subtract(SimdUnit unit, long a, long b) {
        if (unit.nativeRounding && isPlain((int) a) && isPlain((int) b)) {
            float x = Float.intBitsToFloat((int) a);
            float y = Float.intBitsToFloat((int) b);
            float difference = x - y;
            int result = Float.floatToRawIntBits(difference);
            if (isOrdinary(result) || difference == 0) {
                if (!unit.inexactKnown && isInexactSum(x, -y, difference)) {
                    unit.raise(SimdUnit.PE);
                }
                return Integer.toUnsignedLong(result);
            }
        }
        return FORMAT.subtract(unit, a, b);
    }

    /** The sum may be inexact in double precision too: what that rounding took is found by TwoSum. */
    private static boolean isInexactSum(double x, double y, float sum) {
        double wide = x + y;
        double part = wide - x;
        return wide != sum || x - (wide - part) + (y - part) != 0;
    }

    public static long multiply(SimdUnit unit, long a, long b) {
        if (unit.nativeRounding && isPlain((int) a) && isPlain((int) b)) {
            float x = Float.intBitsToFloat((int) a);
            float y = Float.intBitsToFloat((int) b);
            float product = x * y;
            int result = Float.floatToRawIntBits(product);
            if (isOrdinary(result)) {
                if (!unit.inexactKnown && (double) x * y != product) {
                    unit.raise(SimdUnit.PE);
                }
                return Integer.toUnsignedLong(result);
            }
        }
        return FORMAT.multiply(unit, a, b);
    }

    public static long divide(SimdUnit unit, long a, long b) {
        if (unit.nativeRounding && isPlain((int) a) && isPlain((int) b)) {
            float x = Float.intBitsToFloat((int) a);
            float y = Float.intBitsToFloat((int) b);
            float quotient = x / y;
            int result = Float.floatToRawIntBits(quotient);
            if (isOrdinary(result)) {
                if (!unit.inexactKnown && (double) quotient * y != x) {
                    unit.raise(SimdUnit.PE);
                }
                return Integer.toUnsignedLong(result);
            }
        }
        return FORMAT.divide(unit, a, b);
    }

    public static long squareRoot(SimdUnit unit, long a) {
        int bits = (int) a;
        if (unit.nativeRounding && bits > 0 && isOrdinary(bits)) {
            float x = Float.intBitsToFloat(bits);
            // The root in double precision, rounded again: twice 24 and 2 bits are enough to round twice.
            float root = (float) Math.sqrt(x);
            if (!unit.inexactKnown && (double) root * root != x) {
                unit.raise(SimdUnit.PE);
            }
            return Integer.toUnsignedLong(Float.floatToRawIntBits(root));
        }
        return FORMAT.squareRoot(unit, a);
    }

    /** The second operand where either is a NaN, or where both are zeros. */
    public static long minimum(SimdUnit unit, long a, long b) {
        if (isPlain((int) a) && isPlain((int) b)) {
            return Float.intBitsToFloat((int) a) < Float.intBitsToFloat((int) b) ? a : b;
        }
        return Comparison.minimum(unit, FORMAT, a, b);
    }

    public static long maximum(SimdUnit unit, long a, long b) {
        if (isPlain((int) a) && isPlain((int) b)) {
            return Float.intBitsToFloat((int) a) > Float.intBitsToFloat((int) b) ? a : b;
        }
        return Comparison.maximum(unit, FORMAT, a, b);
    }

    /** CMPSS's {@code predicate}, 0 to 31: 0 to 7 are SSE's. */
    public static boolean compare(SimdUnit unit, long a, long b, int predicate) {
        return Comparison.holds(order(unit, a, b, Comparison.isSignaling(predicate)), predicate);
    }

    /**
     * {@link Comparison}'s relation of the two.
     *
     * @param signaling a quiet NaN is invalid too
     */
    public static int order(SimdUnit unit, long a, long b, boolean signaling) {
        if (isPlain((int) a) && isPlain((int) b)) {
            return Comparison.relation(Float.intBitsToFloat((int) a), Float.intBitsToFloat((int) b));
        }
        return Comparison.order(unit, FORMAT, a, b, signaling);
    }

    /** Zero or a normal number. */
    private static boolean isPlain(int a) {
        int e = a & EXPONENT;
        return e != EXPONENT && (e != 0 || (a & MAGNITUDE) == 0);
    }

    /** A normal number of at least twice the smallest one: nothing below can have been rounded up to it. */
    private static boolean isOrdinary(int a) {
        return Integer.compareUnsigned((a & EXPONENT) - 2 * HIDDEN, EXPONENT - 2 * HIDDEN) < 0;
    }
}
