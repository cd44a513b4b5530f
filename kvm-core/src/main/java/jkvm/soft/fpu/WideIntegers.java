package jkvm.soft.fpu;

import static jkvm.soft.fpu.Float80.INTEGER_BIT;

/** Division of 128 by 64 bits, and the square root of 128 bits. */
public final class WideIntegers {
    private WideIntegers() {
    }

    /** {@code remainder / divisor} as far as rounding needs it: zero, below, at or above one half. */
    static long fraction(long remainder, long divisor) {
        if (remainder == 0) {
            return 0;
        }
        long rest = divisor - remainder;
        int order = Long.compareUnsigned(remainder, rest);
        return order < 0 ? 1 : order == 0 ? Long.MIN_VALUE : Long.MIN_VALUE | 1;
    }

    /**
     * (high:low) / divisor, unsigned, for high below the divisor and a divisor with its top bit set: two steps of long
     * division with digits of 32 bits (Knuth, volume 2, 4.3.1, algorithm D).
     */
    public static long divide128(long high, long low, long divisor) {
        long d1 = divisor >>> 32;
        long d0 = divisor & 0xFFFFFFFFL;
        long q1 = digit(high, low >>> 32, d1, d0);
        long rest = (high << 32 | low >>> 32) - q1 * divisor;
        long q0 = digit(rest, low & 0xFFFFFFFFL, d1, d0);
        return (q1 << 32) + q0;
    }

    private static long digit(long high, long next, long d1, long d0) {
        long q = Long.divideUnsigned(high, d1);
        long r = high - q * d1;
        while (q >>> 32 != 0 || Long.compareUnsigned(q * d0, r << 32 | next) > 0) {
            q--;
            r += d1;
            if (r >>> 32 != 0) {
                break;
            }
        }
        return q;
    }

    /** The integer square root of high:low, where high is at least 2^62. */
    static long root128(long high, long low) {
        double estimate = Math.sqrt((high >>> 1) * 0x1p65);
        long root = estimate >= 0x1p64 ? -1 : toUnsigned(estimate);
        // One Newton step gives all 64 bits but for the last; the two loops settle that.
        for (int i = 0; i < 2; i++) {
            root = newton(high, low, root);
        }
        while (exceeds(root, high, low)) {
            root--;
        }
        while (root != -1 && !exceeds(root + 1, high, low)) {
            root++;
        }
        return root;
    }

    private static long toUnsigned(double value) {
        return value >= 0x1p63 ? (long) (value - 0x1p63) | INTEGER_BIT : (long) value;
    }

    /** root + (N - root^2) / (2 root), for a root with its top bit set. */
    private static long newton(long high, long low, long root) {
        long squareHigh = Math.unsignedMultiplyHigh(root, root);
        long squareLow = root * root;
        long d0 = low - squareLow;
        long d1 = high - squareHigh - (Long.compareUnsigned(low, squareLow) < 0 ? 1 : 0);
        double difference = d1 * 0x1p64 + (d0 >>> 11) * 0x1p11;
        double divisor = 2 * ((root >>> 11) * 0x1p11);
        long next = root + (long) Math.floor(difference / divisor);
        return next < 0 ? next : root;
    }

    private static boolean exceeds(long root, long high, long low) {
        long squareHigh = Math.unsignedMultiplyHigh(root, root);
        int order = Long.compareUnsigned(squareHigh, high);
        return order > 0 || order == 0 && Long.compareUnsigned(root * root, low) > 0;
    }
}
