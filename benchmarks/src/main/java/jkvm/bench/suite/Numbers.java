package jkvm.bench.suite;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as the tables and the page show them. */
final class Numbers {
    private static final MathContext DIGITS = new MathContext(4);

    private Numbers() {
    }

    /** Four digits that count, or the whole number if it has more: 0.01234, 12.34, 123456. */
    static String of(double value) {
        if (!Double.isFinite(value)) {
            return "-";
        }
        BigDecimal exact = BigDecimal.valueOf(value);
        BigDecimal rounded = Math.abs(value) >= 1000 ? exact.setScale(0, RoundingMode.HALF_UP) : exact.round(DIGITS);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
}
