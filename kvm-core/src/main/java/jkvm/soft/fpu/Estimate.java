package jkvm.soft.fpu;

/**
 * RCPPS and RSQRTPS. The manuals promise a relative error of at most 1.5 * 2^-12 and no exceptions; processors differ
 * within that. These round the true value to 12 bits. Denormals count as zeros, whatever MXCSR says.
 */
public final class Estimate {
    private static final SoftFloat FORMAT = SoftFloat.SINGLE;
    /** Single precision's lowest bits, which the estimate leaves zero. */
    private static final int DROPPED = 12;

    private Estimate() {
    }

    /** About 1 / a; results that would be denormal are zero. */
    public static long reciprocal(long a) {
        if (FORMAT.isNaN(a)) {
            return a | FORMAT.quiet;
        }
        long sign = a & FORMAT.sign;
        if ((a & FORMAT.infinity) == 0) {
            return sign | FORMAT.infinity;
        }
        long result = shorten(1 / Float.intBitsToFloat((int) a));
        return (result & FORMAT.infinity) == 0 ? sign : result;
    }

    /** About 1 / sqrt(a). */
    public static long reciprocalSquareRoot(long a) {
        if (FORMAT.isNaN(a)) {
            return a | FORMAT.quiet;
        }
        long sign = a & FORMAT.sign;
        if ((a & FORMAT.infinity) == 0) {
            return sign | FORMAT.infinity;
        }
        if (sign != 0) {
            return FORMAT.indefinite;
        }
        return shorten((float) (1 / Math.sqrt(Float.intBitsToFloat((int) a))));
    }

    private static long shorten(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Integer.toUnsignedLong(bits + (1 << DROPPED - 1) & -1 << DROPPED);
    }
}
