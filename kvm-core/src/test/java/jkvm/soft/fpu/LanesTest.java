package jkvm.soft.fpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SSE's arithmetic on lanes: Java's results and those computed with integers are the same, and the flags are exact. */
class LanesTest {
    private static final int ROUNDS = 200_000;
    private static final int MASKED = SimdUnit.RESET;
    private static final double[] SPECIAL = {0.0, -0.0, 1, -1, 1.5, Double.MIN_VALUE, -Double.MIN_VALUE,
        Double.MIN_NORMAL, Double.MAX_VALUE, -Double.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY,
        Double.NaN, 0x1p-1023, 0x1.fffffffffffffp-1023, 0x1p52, 0x1p53 - 1, 1e300, 1e-300};

    private final SplittableRandom random = new SplittableRandom(8);
    private final SimdUnit unit = new SimdUnit();

    @Test
    void shouldGiveJavasResultsAndTheIntegersFlags() {
        for (int i = 0; i < ROUNDS; i++) {
            // given
            long a = number();
            long b = number();
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            int operation = i & 3;

            // when
            unit.begin(MASKED);
            long fast = fast(operation, a, b);
            int fastFlags = unit.finish();
            unit.begin(MASKED);
            long exact = exact(operation, a, b);
            int exactFlags = unit.finish();

            // then
            double java = switch (operation) {
                case 0 -> x + y;
                case 1 -> x - y;
                case 2 -> x * y;
                default -> x / y;
            };
            String message = "operation %d of %x and %x".formatted(operation, a, b);
            assertEquals(exact, fast, message);
            assertEquals(exactFlags, fastFlags, message);
            assertEquals(Double.doubleToLongBits(java), Double.doubleToLongBits(Double.longBitsToDouble(fast)),
                    message);
        }
    }

    private long fast(int operation, long a, long b) {
        return switch (operation) {
            case 0 -> DoubleLanes.add(unit, a, b);
            case 1 -> DoubleLanes.subtract(unit, a, b);
            case 2 -> DoubleLanes.multiply(unit, a, b);
            default -> DoubleLanes.divide(unit, a, b);
        };
    }

    private long exact(int operation, long a, long b) {
        return switch (operation) {
            case 0 -> SoftFloat.DOUBLE.add(unit, a, b);
            case 1 -> SoftFloat.DOUBLE.subtract(unit, a, b);
            case 2 -> SoftFloat.DOUBLE.multiply(unit, a, b);
            default -> SoftFloat.DOUBLE.divide(unit, a, b);
        };
    }

    @Test
    void shouldGiveJavasResultsInSinglePrecision() {
        for (int i = 0; i < ROUNDS; i++) {
            // given
            int a = single();
            int b = single();
            float x = Float.intBitsToFloat(a);
            float y = Float.intBitsToFloat(b);
            long wideA = Integer.toUnsignedLong(a);
            long wideB = Integer.toUnsignedLong(b);

            // when
            unit.begin(MASKED);
            long product = SingleLanes.multiply(unit, wideA, wideB);
            int flags = unit.finish();
            unit.begin(MASKED);
            long exact = SoftFloat.SINGLE.multiply(unit, wideA, wideB);
            int exactFlags = unit.finish();

            // then
            assertEquals(exact, product);
            assertEquals(exactFlags, flags, "%x times %x".formatted(a, b));
            assertEquals(Float.floatToIntBits(x * y), Float.floatToIntBits(Float.intBitsToFloat((int) product)));
        }
    }

    @Test
    void shouldRoundQuotientsAsTheModeSays() {
        RoundingMode[] modes = {RoundingMode.HALF_EVEN, RoundingMode.FLOOR, RoundingMode.CEILING, RoundingMode.DOWN};
        for (int i = 0; i < 4000; i++) {
            // given
            double x = (random.nextDouble() - 0.5) * 0x1p40;
            double y = 1 + random.nextDouble() * 0x1p20;
            int mode = i & 3;

            // when
            unit.begin(MASKED | mode << SimdUnit.RC_SHIFT);
            double result = Double.longBitsToDouble(
                    DoubleLanes.divide(unit, Double.doubleToRawLongBits(x), Double.doubleToRawLongBits(y)));

            // then
            BigDecimal quotient = new BigDecimal(x).divide(new BigDecimal(y), MathContext.DECIMAL128);
            BigDecimal difference = new BigDecimal(result).subtract(quotient);
            BigDecimal step = new BigDecimal(Math.ulp(result));
            assertTrue(difference.abs().compareTo(step) <= 0, x + " / " + y);
            int wrong = switch (modes[mode]) {
                case FLOOR -> 1;
                case CEILING -> -1;
                case DOWN -> (int) Math.signum(x);
                default -> difference.abs().multiply(BigDecimal.TWO).compareTo(step) > 0 ? difference.signum() : 2;
            };
            assertFalse(difference.signum() == wrong, "rounding " + modes[mode] + " of " + x + " / " + y);
        }
    }

    @Test
    void shouldFindTheRootWhoseSquareIsNearest() {
        for (int i = 0; i < ROUNDS; i++) {
            // given
            long a = number() & Long.MAX_VALUE;

            // when
            unit.begin(MASKED);
            long exact = SoftFloat.DOUBLE.squareRoot(unit, a);
            int exactFlags = unit.finish();
            unit.begin(MASKED);
            long fast = DoubleLanes.squareRoot(unit, a);
            int flags = unit.finish();

            // then
            assertEquals(exact, fast);
            assertEquals(exactFlags, flags);
            double root = Math.sqrt(Double.longBitsToDouble(a));
            assertEquals(Double.doubleToLongBits(root), Double.doubleToLongBits(Double.longBitsToDouble(fast)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        // The first operand's NaN, made quiet; a signaling one is invalid wherever it stands.
        "7FF8000000000001, FFF8000000000002, 7FF8000000000001, 0",
        "7FF0000000000001, FFF8000000000002, 7FF8000000000001, 1",
        "FFF8000000000002, 7FF0000000000001, FFF8000000000002, 1",
        "3FF0000000000000, 7FF0000000000001, 7FF8000000000001, 1",
        // Infinities of opposite signs; a denormal beside a NaN goes unnoticed.
        "7FF0000000000000, FFF0000000000000, FFF8000000000000, 1",
        "0000000000000001, 7FF8000000000001, 7FF8000000000001, 0",
        "0000000000000001, 3FF0000000000000, 3FF0000000000000, 22"})
    void shouldChooseTheNaNAndTheFlagsOfASum(String a, String b, String sum, String flags) {
        unit.begin(MASKED);
        assertEquals(Long.parseUnsignedLong(sum, 16),
                DoubleLanes.add(unit, Long.parseUnsignedLong(a, 16), Long.parseUnsignedLong(b, 16)));
        assertEquals(Integer.parseInt(flags, 16), unit.finish());
    }

    @Test
    void shouldJudgeUnderflowAfterRounding() {
        // The product lies just below the smallest normal number and rounds to it, with the unbounded exponent too.
        long a = Double.doubleToRawLongBits(0x1.fffffffffffffp-1);
        long b = Double.doubleToRawLongBits(0x1.0000000000001p-1022);
        unit.begin(MASKED);
        assertEquals(Double.doubleToRawLongBits(Double.MIN_NORMAL), DoubleLanes.multiply(unit, a, b));
        assertEquals(SimdUnit.PE, unit.finish());

        // Rounded to 53 bits this one stays below it, though the denormal result is the smallest normal number.
        long c = Double.doubleToRawLongBits(0x1.fffffffffffffp-512);
        long d = Double.doubleToRawLongBits(0x1p-511);
        unit.begin(MASKED);
        assertEquals(Double.doubleToRawLongBits(Double.MIN_NORMAL), DoubleLanes.multiply(unit, c, d));
        assertEquals(SimdUnit.UE | SimdUnit.PE, unit.finish());
    }

    @Test
    void shouldTakeDenormalsAsZerosAndFlushResultsWhereAsked() {
        long tiny = Double.doubleToRawLongBits(-Double.MIN_VALUE);
        long one = Double.doubleToRawLongBits(1.0);

        unit.begin(MASKED | SimdUnit.DAZ);
        assertEquals(Long.MIN_VALUE, DoubleLanes.multiply(unit, tiny, one));
        assertEquals(0, unit.finish());

        unit.begin(MASKED | SimdUnit.FTZ);
        assertEquals(Long.MIN_VALUE, DoubleLanes.multiply(unit, tiny, one));
        assertEquals(SimdUnit.DE | SimdUnit.UE | SimdUnit.PE, unit.finish());
    }

    @ParameterizedTest
    @CsvSource({"2.5, 0, 2", "3.5, 0, 4", "-2.5, 1, -3", "-2.5, 2, -2", "2.5, 2, 3", "-0.25, 1, -1", "1e-310, 2, 1",
        "2147483647.5, 3, 2147483647"})
    void shouldConvertToIntegersInEveryMode(double value, int mode, int expected) {
        unit.begin(MASKED | mode << SimdUnit.RC_SHIFT);
        assertEquals(expected, (int) Conversion.doubleToInt(unit, Double.doubleToRawLongBits(value)));
        assertEquals(expected, Conversion.doubleToLong(unit, Double.doubleToRawLongBits(value)));
        assertEquals(SimdUnit.PE, unit.finish());
    }

    @ParameterizedTest
    @CsvSource({"2147483648", "NaN", "-Infinity", "-2147483649", "1e300"})
    void shouldGiveTheIndefiniteIntegerWhereNoneFits(double value) {
        unit.begin(MASKED);
        assertEquals(0x80000000L, Conversion.doubleToInt(unit, Double.doubleToRawLongBits(value)));
        assertEquals(SimdUnit.IE, unit.finish());
    }

    @Test
    void shouldConvertIntegersAndPrecisionsAsJavaDoes() {
        for (int i = 0; i < ROUNDS; i++) {
            long value = random.nextLong() >> random.nextInt(64);
            long number = number();
            unit.begin(MASKED);
            assertEquals(Float.floatToRawIntBits(value), (int) Conversion.integerToSingle(unit, value));
            assertEquals(Double.doubleToRawLongBits(value), Conversion.integerToDouble(unit, value));
            assertEquals(Float.floatToIntBits((float) Double.longBitsToDouble(number)),
                    Float.floatToIntBits(Float.intBitsToFloat((int) Conversion.doubleToSingle(unit, number))));
            assertEquals(Double.doubleToLongBits(Math.rint(Double.longBitsToDouble(number))),
                    Double.doubleToLongBits(Double.longBitsToDouble(Conversion.roundDouble(unit, number))));
        }
    }

    @Test
    void shouldEstimateWithinTheManualsBound() {
        double bound = 1.5 / 4096;
        for (int i = 0; i < ROUNDS; i++) {
            float x = Float.intBitsToFloat(random.nextInt(1, 0x7D) << 24 | random.nextInt(1 << 24));
            float reciprocal = Float.intBitsToFloat((int) Estimate.reciprocal(Float.floatToRawIntBits(x)));
            float root = Float.intBitsToFloat((int) Estimate.reciprocalSquareRoot(Float.floatToRawIntBits(x)));
            assertTrue(Math.abs(reciprocal * (double) x - 1) <= bound, "1 / " + x);
            assertTrue(Math.abs(root * Math.sqrt(x) - 1) <= bound, "1 / sqrt " + x);
        }
    }

    private long number() {
        return switch (random.nextInt(6)) {
            case 0 -> Double.doubleToRawLongBits(SPECIAL[random.nextInt(SPECIAL.length)]);
            case 1 -> random.nextLong();
            case 2 -> random.nextLong() & 0x800FFFFFFFFFFFFFL | random.nextLong(1020, 1030) << 52;
            case 3 -> Double.doubleToRawLongBits(random.nextInt(-1000, 1000) / 8.0);
            case 4 -> random.nextLong() & 0x800FFFFFFFFFFFFFL | random.nextLong(500, 524) << 52;
            default -> Double.doubleToRawLongBits((double) (random.nextLong() >> random.nextInt(64)));
        };
    }

    private int single() {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt();
            case 1 -> Float.floatToRawIntBits((float) SPECIAL[random.nextInt(SPECIAL.length)]);
            case 2 -> random.nextInt() & 0x807FFFFF | random.nextInt(60, 70) << 23;
            default -> Float.floatToRawIntBits(random.nextInt(-1000, 1000) / 8.0f);
        };
    }
}
