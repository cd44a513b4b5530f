package jkvm.soft.fpu;

/**
 * Power series for the transcendental instructions, on numbers of 128 bits. Errors are some units of 2^-110, so that a
 * result is right but for the rarest of roundings. The result is left in {@link #result}, normalised, its sign in
 * {@link #negative}. Allocates nothing.
 */
abstract sealed class Series permits AngleSeries, LogarithmSeries {
    static final long ONE = 1L << 63;

    final Wide result = new Wide();
    boolean negative;
    /**
     * True where the result is exact, or so near to an exact one that silicon takes that. It raises PE all the same.
     */
    boolean exact;

    /** The argument of the series: floating, normalised. */
    final Wide argument = new Wide();
    /** The number whose powers the series adds: below 1, with 128 bits after the point. */
    final Wide base = new Wide();

    /**
     * Evaluates c0 + z * (c1 + z * (c2 ...)), or with alternating signs c0 - z * (c1 - z * (c2 ...)), for z in
     * {@link #base}. The result has 127 bits after the point.
     */
    final void evaluate(long[] coefficients, int terms, boolean alternating) {
        Wide r = result;
        r.set(coefficients[2 * terms - 2], coefficients[2 * terms - 1], 0);
        for (int k = terms - 2; k >= 0; k--) {
            r.multiply(base.high, base.low);
            r.addTo(coefficients[2 * k], coefficients[2 * k + 1], alternating);
        }
    }

    /** Prepares a series of the argument's square; the argument is below 1. */
    final void squareArgument() {
        base.set(argument.high, argument.low, 0);
        base.multiply(argument.high, argument.low);
        base.shiftRight(-2 * (argument.exponent + 1));
    }

    /** Multiplies what {@link #evaluate} gave by the argument. */
    final void multiplyByArgument() {
        result.multiply(argument.high, argument.low);
        result.exponent = argument.exponent + 1;
        result.normalise();
    }
}
