package jkvm.soft.fpu;

/**
 * The functions behind the transcendental instructions, on numbers of 128 bits: argument reduction, then a power
 * series. Errors are some units of 2^-110, so that a result is right but for the rarest of roundings. The result is left in
 * {@link #result}, normalised, its sign in {@link #negative}. Allocates nothing.
 */
final class Series {
    private static final long ONE = 1L << 63;
    /** Below this exponent the sine of an angle is the angle, and its cosine 1, to silicon's working precision. */
    private static final int TINY = -34;
    /** Half of the silicon's pi, which has 66 bits: bits 67 to 0, with 67 behind the point. */
    private static final long HALF_PI_HIGH = 0xC, HALF_PI_LOW = 0x90FDAA22168C234CL;
    /** The square root of two with 63 bits behind the point. */
    private static final long SQUARE_ROOT_OF_2 = 0xB504F333F9DE6484L;

    final Wide result = new Wide();
    boolean negative;
    /** True where the result is exact, or so near to an exact one that silicon takes that. It raises PE all the same. */
    boolean exact;

    private final Wide square = new Wide();
    /** The reduced angle: positive, at most a quarter of pi. */
    private final Wide angle = new Wide();
    private boolean angleNegative;
    private int quadrant;

    /** c0 - z * (c1 - z * (c2 ...)), z below 1 with 128 bits behind the point: result with 127 of them. */
    private void alternating(long[] coefficients, int terms) {
        Wide r = result;
        r.set(coefficients[2 * terms - 2], coefficients[2 * terms - 1], 0);
        for (int k = terms - 2; k >= 0; k--) {
            r.multiply(square.high, square.low);
            r.subtractFrom(coefficients[2 * k], coefficients[2 * k + 1]);
        }
    }

    /** c0 + z * (c1 + z * (c2 ...)). */
    private void summing(long[] coefficients, int terms) {
        Wide r = result;
        r.set(coefficients[2 * terms - 2], coefficients[2 * terms - 1], 0);
        for (int k = terms - 2; k >= 0; k--) {
            r.multiply(square.high, square.low);
            r.add(coefficients[2 * k], coefficients[2 * k + 1]);
        }
    }

    /** The square of a floating number below 1, as a fraction of 128 bits. */
    private void squareOf(Wide x) {
        square.set(x.high, x.low, 0);
        square.multiply(x.high, x.low);
        square.shiftRight(-2 * (x.exponent + 1));
    }

    /**
     * Takes the angle modulo a quarter of the circle. Exact, as silicon does it with its pi of 66 bits.
     *
     * @param exponent unbiased, below 63
     */
    void reduceAngle(long significand, int exponent) {
        quadrant = 0;
        angleNegative = false;
        if (exponent < -1) {
            angle.set(significand, 0, exponent);
            return;
        }
        // Units of 2^-67, at first times 2^exponent.
        long high = exponent < 0 ? significand >>> 61 : significand >>> 60;
        long low = exponent < 0 ? significand << 3 : significand << 4;
        for (int i = Math.max(exponent, 0); i >= 0; i--) {
            if (high > HALF_PI_HIGH || high == HALF_PI_HIGH && Long.compareUnsigned(low, HALF_PI_LOW) >= 0) {
                high -= HALF_PI_HIGH + (Long.compareUnsigned(low, HALF_PI_LOW) < 0 ? 1 : 0);
                low -= HALF_PI_LOW;
                quadrant++;
            }
            if (i > 0) {
                high = high << 1 | low >>> 63;
                low <<= 1;
                quadrant <<= 1;
            }
        }
        long halfHigh = HALF_PI_HIGH >> 1;
        long halfLow = HALF_PI_LOW >>> 1;
        if (high > halfHigh || high == halfHigh && Long.compareUnsigned(low, halfLow) > 0) {
            high = HALF_PI_HIGH - high - (Long.compareUnsigned(HALF_PI_LOW, low) < 0 ? 1 : 0);
            low = HALF_PI_LOW - low;
            quadrant++;
            angleNegative = true;
        }
        angle.set(high, low, 127 - 67);
        if ((high | low) != 0) {
            angle.normalise();
        }
    }

    /** Sine of the reduced angle's whole: of the argument of {@link #reduceAngle}. */
    void sine(boolean argumentNegative) {
        boolean cosine = (quadrant & 1) != 0;
        negative = argumentNegative ^ (quadrant & 2) != 0 ^ (!cosine && angleNegative);
        if (cosine) {
            cosineOfAngle();
        } else {
            sineOfAngle();
        }
    }

    void cosine() {
        boolean sine = (quadrant & 1) != 0;
        negative = (quadrant + 1 & 2) != 0 ^ (sine && angleNegative);
        if (sine) {
            sineOfAngle();
        } else {
            cosineOfAngle();
        }
    }

    void tangent(boolean argumentNegative) {
        sine(argumentNegative);
        boolean sineNegative = negative;
        long high = result.high;
        long low = result.low;
        int exponent = result.exponent;
        cosine();
        long divisorHigh = result.high;
        long divisorLow = result.low;
        int divisorExponent = result.exponent;
        result.set(high, low, exponent);
        result.divide(divisorHigh, divisorLow, divisorExponent);
        negative ^= sineNegative;
    }

    private void sineOfAngle() {
        exact = angle.exponent < TINY;
        if (exact) {
            result.set(angle.high, angle.low, angle.exponent);
            return;
        }
        squareOf(angle);
        alternating(SeriesTables.SINE, 13);
        result.multiply(angle.high, angle.low);
        result.exponent = angle.exponent + 1;
        result.normalise();
    }

    private void cosineOfAngle() {
        exact = angle.exponent < TINY;
        if (exact) {
            result.set(ONE, 0, 0);
            return;
        }
        squareOf(angle);
        alternating(SeriesTables.COSINE, 14);
        result.normalise();
    }

    /** 2^x - 1 for |x| at most 1. */
    void twoToXMinusOne(long significand, int exponent, boolean argumentNegative) {
        Wide w = angle;
        w.set(significand, 0, exponent);
        w.multiply(SeriesTables.LN_2_HIGH, SeriesTables.LN_2_LOW);
        w.normalise();
        square.set(w.high, w.low, 0);
        square.shiftRight(-1 - w.exponent);
        if (argumentNegative) {
            alternating(SeriesTables.EXPONENTIAL, 24);
        } else {
            summing(SeriesTables.EXPONENTIAL, 24);
        }
        result.multiply(w.high, w.low);
        result.exponent = w.exponent + 1;
        result.normalise();
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
        result.set((long) Math.abs(value) << 32, 0, 31 + 64 - 64);
        result.normalise();
    }

    /** Adds an integer below 2^15 to the logarithm in the result, whose magnitude is at most one half. */
    private void addWhole(int whole) {
        if (whole == 0) {
            return;
        }
        result.shiftRight(15 - result.exponent);
        long magnitude = (long) Math.abs(whole) << 48;
        if (negative == whole < 0) {
            result.add(magnitude, 0);
        } else {
            result.subtractFrom(magnitude, 0);
        }
        negative = whole < 0;
        result.exponent = 15;
        result.normalise();
    }

    /** log2((1 + s) / (1 - s)) = 2 / ln 2 * artanh s, for s = a / b. */
    private void areaTangent(long aHigh, long aLow, int aExponent, long bHigh, long bLow, int bExponent) {
        Wide s = angle;
        s.set(aHigh, aLow, aExponent);
        s.normalise();
        s.divide(bHigh, bLow, bExponent);
        squareOf(s);
        summing(SeriesTables.ODD, 19);
        result.multiply(s.high, s.low);
        result.exponent = s.exponent + 1;
        result.normalise();
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
        Wide difference = square;
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

    /**
     * Arctangent of y / x: the angle of a point, 0 to pi; the caller gives it the sign of y. Neither is zero.
     *
     * @param xNegative true for a point left of the axis
     */
    void arctangent(long y, int yExponent, long x, int xExponent, boolean xNegative) {
        boolean steep = yExponent > xExponent || yExponent == xExponent && Long.compareUnsigned(y, x) > 0;
        Wide t = angle;
        if (steep) {
            t.set(x, 0, xExponent);
            t.divide(y, 0, yExponent);
        } else {
            t.set(y, 0, yExponent);
            t.divide(x, 0, xExponent);
        }
        exact = false;
        negative = false;
        arctangentOfRatio();
        if (steep || xNegative) {
            exact = false;
        }
        if (steep) {
            combine(SeriesTables.HALF_PI_HIGH, SeriesTables.HALF_PI_LOW, xNegative);
        } else if (xNegative) {
            combine(SeriesTables.PI_HIGH, SeriesTables.PI_LOW, false);
        }
    }

    /** An angle of so many times a quarter of pi. */
    void quarters(int count) {
        result.set(SeriesTables.HALF_PI_HIGH, SeriesTables.HALF_PI_LOW, 1);
        if (count == 4) {
            result.exponent = 2;
        } else if (count == 1) {
            result.exponent = 0;
        } else if (count == 3) {
            result.shiftRight(1);
            result.add(SeriesTables.HALF_PI_HIGH, SeriesTables.HALF_PI_LOW);
        }
        result.normalise();
        negative = false;
        exact = false;
    }

    /** base + result or base - result, with the base's 126 bits behind the point. */
    private void combine(long baseHigh, long baseLow, boolean add) {
        result.shiftRight(1 - result.exponent);
        if (add) {
            result.add(baseHigh, baseLow);
        } else {
            result.subtractFrom(baseHigh, baseLow);
        }
        result.exponent = 1;
        result.normalise();
    }

    /** Arctangent of the ratio in {@link #angle}, at most 1: floating, normalised. */
    private void arctangentOfRatio() {
        Wide t = angle;
        int k = t.exponent < -5 ? 0 : t.exponent == 0 ? 16 : (int) (t.high >>> 59 + -1 - t.exponent) + 1 >> 1;
        if (k == 0) {
            arctangentSeries();
            return;
        }
        // With 127 bits behind the point: t, then t - k/16 and 1 + t * k/16.
        t.shiftRight(-t.exponent);
        long c = (long) k << 59;
        Wide divisor = result;
        divisor.set(t.high, t.low, 0);
        divisor.multiply(c, 0);
        divisor.high = divisor.high << 1 | divisor.low >>> 63;
        divisor.low <<= 1;
        divisor.add(ONE, 0);
        long divisorHigh = divisor.high;
        long divisorLow = divisor.low;
        t.subtract(c, 0);
        boolean below = t.high < 0;
        if (below) {
            t.subtractFrom(0, 0);
        }
        long baseHigh = SeriesTables.ARCTANGENT[2 * k];
        long baseLow = SeriesTables.ARCTANGENT[2 * k + 1];
        if ((t.high | t.low) == 0) {
            result.set(baseHigh, baseLow, 0);
        } else {
            t.exponent = 0;
            t.normalise();
            t.divide(divisorHigh, divisorLow, 0);
            arctangentSeries();
            result.shiftRight(-result.exponent);
            if (below) {
                result.subtractFrom(baseHigh, baseLow);
            } else {
                result.add(baseHigh, baseLow);
            }
            result.exponent = 0;
        }
        result.normalise();
    }

    private void arctangentSeries() {
        if (angle.exponent < TINY) {
            result.set(angle.high, angle.low, angle.exponent);
            exact = true;
            return;
        }
        squareOf(angle);
        alternating(SeriesTables.ODD, 12);
        result.multiply(angle.high, angle.low);
        result.exponent = angle.exponent + 1;
        result.normalise();
    }
}
