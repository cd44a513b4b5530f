package jkvm.soft.fpu;

/** Powers of two and logarithms to the base of two. */
final class LogarithmSeries extends Series {
    /** The square root of two with 63 bits after the point. */
    private static final long SQUARE_ROOT_OF_2 = 0xB504F333F9DE6484L;

    /** 2^x - 1 for |x| at most 1. */
    void twoToXMinusOne(long significand, int exponent, boolean argumentNegative) {
        Wide w = argument;
        w.set(significand, 0, exponent);
        w.multiply(SeriesTables.LN_2_HIGH, SeriesTables.LN_2_LOW);
        w.normalise();
        base.set(w.high, w.low, 0);
        base.shiftRight(-1 - w.exponent);
        evaluate(SeriesTables.EXPONENTIAL, 24, argumentNegative);
        multiplyByArgument();
        negative = argumentNegative;
        exact = false;
    }

    /** log2(significand * 2^(exponent - 63)); not for 1. */
    void log2(long significand, int exponent) {
        boolean below = Long.compareUnsigned(significand, SQUARE_ROOT_OF_2) > 0;
        int whole = below ? exponent + 1 : exponent;
        if (below) {
            areaTangent(-significand, 0, -1, ONE | significand >>> 1, significand << 63, 0);
        } else if (significand == ONE) {
            whole(whole);
            return;
        } else {
            areaTangent(significand - ONE, 0, 0, ONE | significand + ONE >>> 1, significand << 63, 1);
        }
        exact = false;
        negative = below;
        addWhole(whole);
    }

    /** An exact logarithm. */
    private void whole(int value) {
        negative = value < 0;
        exact = true;
        result.set((long) Math.abs(value) << 32, 0, 31);
        result.normalise();
    }

    /** Adds an integer below 2^15 to the logarithm in the result, whose magnitude is at most one half. */
    private void addWhole(int whole) {
        if (whole == 0) {
            return;
        }
        result.shiftRight(15 - result.exponent);
        long magnitude = (long) Math.abs(whole) << 48;
        result.addTo(magnitude, 0, negative != whole < 0);
        negative = whole < 0;
        result.exponent = 15;
        result.normalise();
    }

    /** log2((1 + s) / (1 - s)) = 2 / ln 2 * artanh s, for s = a / b. */
    private void areaTangent(long aHigh, long aLow, int aExponent, long bHigh, long bLow, int bExponent) {
        Wide s = argument;
        s.set(aHigh, aLow, aExponent);
        s.normalise();
        s.divide(bHigh, bLow, bExponent);
        squareArgument();
        evaluate(SeriesTables.ODD, 19, false);
        multiplyByArgument();
        result.multiply(SeriesTables.TWO_OVER_LN_2_HIGH, SeriesTables.TWO_OVER_LN_2_LOW);
        result.exponent += 2;
        result.normalise();
    }

    /** log2(1 + x) for x above -1 and not zero. */
    void log2OfOnePlus(long significand, int exponent, boolean argumentNegative) {
        if (exponent < -2) {
            // 2 + x, with the leading one of 2 (or of what is just below it) in bit 127.
            Wide b = result;
            b.set(significand, 0, exponent);
            b.shiftRight(1 - exponent);
            if (argumentNegative) {
                b.subtractFrom(ONE, 0);
                b.exponent = 1;
                b.normalise();
            } else {
                b.add(ONE, 0);
                b.exponent = 1;
            }
            areaTangent(significand, 0, exponent, b.high, b.low, b.exponent);
            negative = argumentNegative;
            exact = false;
            return;
        }
        logOfSum(significand, exponent, argumentNegative);
    }

    /** The same where 1 + x needs no care: the sum is exact in 128 bits, or x is so large that 1 is nothing. */
    private void logOfSum(long significand, int exponent, boolean argumentNegative) {
        Wide sum = result;
        if (exponent > 62) {
            log2(significand, exponent);
            exact = false;
            return;
        }
        if (argumentNegative) {
            sum.set(significand, 0, 0);
            sum.shiftRight(-exponent);
            sum.subtractFrom(ONE, 0);
            sum.exponent = 0;
        } else if (exponent < 0) {
            sum.set(significand, 0, 0);
            sum.shiftRight(-exponent);
            sum.add(ONE, 0);
            sum.exponent = 0;
        } else {
            long one = ONE >>> exponent;
            sum.set(significand + one, 0, exponent);
            if (exponent == 0 || Long.compareUnsigned(sum.high, significand) < 0) {
                sum.shiftRight(1);
                sum.high |= ONE;
                sum.exponent++;
            }
        }
        sum.normalise();
        logOfWide(sum.high, sum.low, sum.exponent);
    }

    /** log2 of a number of 128 bits. */
    private void logOfWide(long high, long low, int exponent) {
        if (low == 0) {
            log2(high, exponent);
            return;
        }
        boolean below = Long.compareUnsigned(high, SQUARE_ROOT_OF_2) > 0;
        Wide difference = base;
        Wide sum = result;
        sum.set(high, low, 0);
        sum.shiftRight(1);
        difference.set(high, low, 0);
        if (below) {
            difference.subtractFrom(0, 0);
            sum.add(ONE, 0);
            areaTangent(difference.high, difference.low, -1, sum.high, sum.low, 0);
        } else {
            difference.subtract(ONE, 0);
            sum.add(ONE >>> 1, 0);
            areaTangent(difference.high, difference.low, 0, sum.high, sum.low, 1);
        }
        exact = false;
        negative = below;
        addWhole(below ? exponent + 1 : exponent);
    }
}
