package jkvm.soft.fpu;

/**
 * Sine, cosine and tangent, with the reduction of their argument, and the arctangent. The reduced angle is
 * {@link #argument}: positive, at most a quarter of pi.
 */
final class AngleSeries extends Series {
    /** Below this exponent the sine of an angle is the angle, and its cosine 1, to silicon's working precision. */
    private static final int TINY = -34;
    /** Half of the silicon's pi, which has 66 bits: bits 67 to 0, with 67 after the point. */
    private static final long HALF_PI_HIGH = 0xC, HALF_PI_LOW = 0x90FDAA22168C234CL;

    /** Results of {@link #reduceAngle} beside the argument: its sign, and the quarters of the circle it took off. */
    private boolean angleNegative;
    private int quadrant;

    /**
     * Takes the angle modulo a quarter of the circle. Exact, as silicon does it with its pi of 66 bits.
     *
     * @param exponent unbiased, below 63
     */
    void reduceAngle(long significand, int exponent) {
        quadrant = 0;
        angleNegative = false;
        if (exponent < -1) {
            argument.set(significand, 0, exponent);
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
        argument.set(high, low, 127 - 67);
        if ((high | low) != 0) {
            argument.normalise();
        }
    }

    /** The sine of the angle that {@link #reduceAngle} got. */
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
        exact = argument.exponent < TINY;
        if (exact) {
            result.set(argument.high, argument.low, argument.exponent);
            return;
        }
        squareArgument();
        evaluate(SeriesTables.SINE, 13, true);
        multiplyByArgument();
    }

    private void cosineOfAngle() {
        exact = argument.exponent < TINY;
        if (exact) {
            result.set(ONE, 0, 0);
            return;
        }
        squareArgument();
        evaluate(SeriesTables.COSINE, 14, true);
        result.normalise();
    }

    /**
     * Arctangent of y / x: the angle of a point, 0 to pi; the caller gives it the sign of y. Neither is zero.
     *
     * @param xNegative true for a point left of the axis
     */
    void arctangent(long y, int yExponent, long x, int xExponent, boolean xNegative) {
        boolean steep = yExponent > xExponent || yExponent == xExponent && Long.compareUnsigned(y, x) > 0;
        Wide t = argument;
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

    /** base + result or base - result, with the base's 126 bits after the point. */
    private void combine(long baseHigh, long baseLow, boolean add) {
        result.shiftRight(1 - result.exponent);
        result.addTo(baseHigh, baseLow, !add);
        result.exponent = 1;
        result.normalise();
    }

    /** Arctangent of the ratio in {@link #argument}, at most 1: floating, normalised. */
    private void arctangentOfRatio() {
        Wide t = argument;
        int k = t.exponent < -5 ? 0 : t.exponent == 0 ? 16 : (int) (t.high >>> 59 + -1 - t.exponent) + 1 >> 1;
        if (k == 0) {
            arctangentSeries();
            return;
        }
        // With 127 bits after the point: t, then t - k/16 and 1 + t * k/16.
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
            result.addTo(baseHigh, baseLow, below);
            result.exponent = 0;
        }
        result.normalise();
    }

    private void arctangentSeries() {
        if (argument.exponent < TINY) {
            result.set(argument.high, argument.low, argument.exponent);
            exact = true;
            return;
        }
        squareArgument();
        evaluate(SeriesTables.ODD, 12, true);
        multiplyByArgument();
    }
}
