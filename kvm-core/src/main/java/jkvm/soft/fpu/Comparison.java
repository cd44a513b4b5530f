package jkvm.soft.fpu;

/** Comparisons of SSE's floating-point numbers: relations, predicates, minimum and maximum. */
public final class Comparison {
    /** The four relations that two numbers can be in. */
    public static final int LESS = 0, EQUAL = 1, GREATER = 2, UNORDERED = 3;

    /** For predicates 0 to 7 the relations that fulfil them, as bits. */
    private static final int[] FULFILLED = {0b0010, 0b0001, 0b0011, 0b1000, 0b1101, 0b1110, 0b1100, 0b0111};

    private Comparison() {
    }

    /** True for predicates that call a quiet NaN invalid: LT, LE, NLT, NLE. */
    static boolean isSignaling(int predicate) {
        return (predicate & 3) == 1 || (predicate & 3) == 2;
    }

    static boolean holds(int relation, int predicate) {
        return (FULFILLED[predicate & 7] >> relation & 1) != 0;
    }

    /** The relation of two that are no NaNs. */
    static int relation(double x, double y) {
        return x < y ? LESS : x == y ? EQUAL : GREATER;
    }

    static int order(SimdUnit unit, SoftFloat format, long a, long b, boolean signaling) {
        if (format.isNaN(a) || format.isNaN(b)) {
            if (signaling || format.isSignaling(a) || format.isSignaling(b)) {
                unit.raise(SimdUnit.IE);
            }
            return UNORDERED;
        }
        format.denormalStops(unit, a, b);
        return relation(key(format, format.operand(unit, a)), key(format, format.operand(unit, b)));
    }

    private static int relation(long x, long y) {
        return x < y ? LESS : x == y ? EQUAL : GREATER;
    }

    /** A number that is ordered as the value is. */
    private static long key(SoftFloat format, long a) {
        long magnitude = a & ~format.sign;
        return (a & format.sign) != 0 ? -magnitude : magnitude;
    }

    static long minimum(SimdUnit unit, SoftFloat format, long a, long b) {
        return order(unit, format, a, b, true) == LESS ? format.operand(unit, a) : format.operand(unit, b);
    }

    static long maximum(SimdUnit unit, SoftFloat format, long a, long b) {
        return order(unit, format, a, b, true) == GREATER ? format.operand(unit, a) : format.operand(unit, b);
    }
}
