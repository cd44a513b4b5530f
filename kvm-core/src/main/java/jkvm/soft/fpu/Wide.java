package jkvm.soft.fpu;

/**
 * An accumulator of 128 bits for the series of transcendental functions: some 60 bits more than a result has. Fixed
 * point or floating, as its user sees it; floating, its value is {@code (high:low) * 2^(exponent - 127)}. Operations
 * drop the bits below the last one.
 */
final class Wide {
    long high;
    long low;
    int exponent;

    void set(long newHigh, long newLow, int newExponent) {
        high = newHigh;
        low = newLow;
        exponent = newExponent;
    }

    /** The upper 128 bits of the product with another 128 bits; the last two may be wrong. */
    void multiply(long bHigh, long bLow) {
        long cross1 = Math.unsignedMultiplyHigh(high, bLow);
        long cross2 = Math.unsignedMultiplyHigh(low, bHigh);
        long middle = high * bHigh;
        long top = Math.unsignedMultiplyHigh(high, bHigh);
        long sum = middle + cross1;
        if (Long.compareUnsigned(sum, middle) < 0) {
            top++;
        }
        long result = sum + cross2;
        if (Long.compareUnsigned(result, sum) < 0) {
            top++;
        }
        high = top;
        low = result;
    }

    void add(long bHigh, long bLow) {
        low += bLow;
        high += bHigh + (Long.compareUnsigned(low, bLow) < 0 ? 1 : 0);
    }

    void subtract(long bHigh, long bLow) {
        long borrow = Long.compareUnsigned(low, bLow) < 0 ? 1 : 0;
        low -= bLow;
        high -= bHigh + borrow;
    }

    /** {@code b} minus this. */
    void subtractFrom(long bHigh, long bLow) {
        long borrow = Long.compareUnsigned(bLow, low) < 0 ? 1 : 0;
        low = bLow - low;
        high = bHigh - high - borrow;
    }

    /** {@code b} plus this, or {@code b} minus this. */
    void addTo(long bHigh, long bLow, boolean minus) {
        if (minus) {
            subtractFrom(bHigh, bLow);
        } else {
            add(bHigh, bLow);
        }
    }

    void shiftRight(int count) {
        if (count >= 128) {
            high = 0;
            low = 0;
        } else if (count >= 64) {
            low = high >>> count - 64;
            high = 0;
        } else if (count > 0) {
            low = low >>> count | high << 64 - count;
            high >>>= count;
        }
    }

    /** Moves the leading one to bit 127; not for zero. */
    void normalise() {
        int shift = high != 0 ? Long.numberOfLeadingZeros(high) : 64 + Long.numberOfLeadingZeros(low);
        if (shift >= 64) {
            high = low << shift - 64;
            low = 0;
        } else if (shift > 0) {
            high = high << shift | low >>> 64 - shift;
            low <<= shift;
        }
        exponent -= shift;
    }

    /** Divides by a floating number; both have their leading one in bit 127. The result is normalised. */
    void divide(long bHigh, long bLow, int bExponent) {
        exponent -= bExponent;
        int order = Long.compareUnsigned(high, bHigh);
        if (order > 0 || order == 0 && Long.compareUnsigned(low, bLow) >= 0) {
            shiftRight(1);
        } else {
            exponent--;
        }
        long q1 = high == bHigh ? -1 : WideIntegers.divide128(high, low, bHigh);
        long product0 = q1 * bLow;
        long product1 = q1 * bHigh;
        long carry = Math.unsignedMultiplyHigh(q1, bLow);
        product1 += carry;
        long product2 = Math.unsignedMultiplyHigh(q1, bHigh)
                + (Long.compareUnsigned(product1, carry) < 0 ? 1 : 0);
        // The rest is this * 2^64 - q1 * b in three parts, of which the upper is zero, or -1 if q1 is too large.
        long rest0 = -product0;
        long rest1 = low - product1;
        long borrow1 = Long.compareUnsigned(low, product1) < 0 ? 1 : 0;
        long rest2 = high - product2 - borrow1;
        if (product0 != 0) {
            rest2 -= rest1 == 0 ? 1 : 0;
            rest1--;
        }
        while (rest2 < 0) {
            q1--;
            rest0 += bLow;
            long in = Long.compareUnsigned(rest0, bLow) < 0 ? 1 : 0;
            long next = rest1 + bHigh;
            long out = Long.compareUnsigned(next, rest1) < 0 ? 1 : 0;
            rest1 = next + in;
            out += in != 0 && rest1 == 0 ? 1 : 0;
            rest2 += out;
        }
        high = q1;
        low = Long.compareUnsigned(rest1, bHigh) >= 0 ? -1 : WideIntegers.divide128(rest1, rest0, bHigh);
    }
}
