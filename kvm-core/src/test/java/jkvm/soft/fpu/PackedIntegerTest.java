package jkvm.soft.fpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Test;

/** Lanes must not disturb each other. */
class PackedIntegerTest {
    private final Random random = new Random(87);

    /** Compares with the operation on each signed lane alone. */
    private void check(int bits, LongBinaryOperator packed, IntBinaryOperator lane) {
        for (int n = 0; n < 1_000; n++) {
            long a = random.nextLong();
            long b = switch (random.nextInt(4)) {
                case 0 -> a ^ 0x8000_8080_8000_0000L;
                case 1 -> 0x8000_0000_8000_0001L << 8 * random.nextInt(8);
                default -> random.nextLong();
            };
            long expected = 0;
            for (int i = 0; i < 64; i += bits) {
                int x = (int) (a << 64 - bits - i >> 64 - bits);
                int y = (int) (b << 64 - bits - i >> 64 - bits);
                expected |= (lane.applyAsInt(x, y) & -1L >>> 64 - bits) << i;
            }
            assertEquals(expected, packed.applyAsLong(a, b));
        }
    }

    @Test
    void shouldAddAndSubtractWithoutCarriesBetweenLanes() {
        check(8, PackedInteger::paddb, Integer::sum);
        check(16, PackedInteger::paddw, Integer::sum);
        check(32, PackedInteger::paddd, Integer::sum);
        check(8, PackedInteger::psubb, (x, y) -> x - y);
        check(16, PackedInteger::psubw, (x, y) -> x - y);
        check(32, PackedInteger::psubd, (x, y) -> x - y);
    }

    @Test
    void shouldSaturate() {
        check(8, PackedInteger::paddsb, (x, y) -> Math.clamp((long) x + y, -128, 127));
        check(16, PackedInteger::paddsw, (x, y) -> Math.clamp((long) x + y, -32768, 32767));
        check(8, PackedInteger::psubsb, (x, y) -> Math.clamp((long) x - y, -128, 127));
        check(16, PackedInteger::psubsw, (x, y) -> Math.clamp((long) x - y, -32768, 32767));
        check(8, PackedInteger::paddusb, (x, y) -> Math.min((x & 0xFF) + (y & 0xFF), 0xFF));
        check(16, PackedInteger::paddusw, (x, y) -> Math.min((x & 0xFFFF) + (y & 0xFFFF), 0xFFFF));
        check(8, PackedInteger::psubusb, (x, y) -> Math.max((x & 0xFF) - (y & 0xFF), 0));
        check(16, PackedInteger::psubusw, (x, y) -> Math.max((x & 0xFFFF) - (y & 0xFFFF), 0));
    }

    @Test
    void shouldFillLanesInWhichTheComparisonHolds() {
        check(8, PackedInteger::pcmpeqb, (x, y) -> x == y ? -1 : 0);
        check(16, PackedInteger::pcmpeqw, (x, y) -> x == y ? -1 : 0);
        check(32, PackedInteger::pcmpeqd, (x, y) -> x == y ? -1 : 0);
        check(8, PackedInteger::pcmpgtb, (x, y) -> x > y ? -1 : 0);
        check(16, PackedInteger::pcmpgtw, (x, y) -> x > y ? -1 : 0);
        check(32, PackedInteger::pcmpgtd, (x, y) -> x > y ? -1 : 0);
    }

    @Test
    void shouldChooseTheSmallerOrTheLarger() {
        check(8, PackedInteger::pminsb, Math::min);
        check(16, PackedInteger::pminsw, Math::min);
        check(32, PackedInteger::pminsd, Math::min);
        check(8, PackedInteger::pmaxsb, Math::max);
        check(16, PackedInteger::pmaxsw, Math::max);
        check(32, PackedInteger::pmaxsd, Math::max);
        check(8, PackedInteger::pminub, (x, y) -> Math.min(x & 0xFF, y & 0xFF));
        check(16, PackedInteger::pminuw, (x, y) -> Math.min(x & 0xFFFF, y & 0xFFFF));
        check(32, PackedInteger::pminud, (x, y) -> Integer.compareUnsigned(x, y) < 0 ? x : y);
        check(8, PackedInteger::pmaxub, (x, y) -> Math.max(x & 0xFF, y & 0xFF));
        check(16, PackedInteger::pmaxuw, (x, y) -> Math.max(x & 0xFFFF, y & 0xFFFF));
        check(32, PackedInteger::pmaxud, (x, y) -> Integer.compareUnsigned(x, y) > 0 ? x : y);
    }

    @Test
    void shouldRoundAveragesUp() {
        check(8, PackedInteger::pavgb, (x, y) -> (x & 0xFF) + (y & 0xFF) + 1 >> 1);
        check(16, PackedInteger::pavgw, (x, y) -> (x & 0xFFFF) + (y & 0xFFFF) + 1 >> 1);
    }

    @Test
    void shouldApplyTheSignOfTheSource() {
        check(8, PackedInteger::psignb, (x, y) -> x * Integer.signum(y));
        check(16, PackedInteger::psignw, (x, y) -> x * Integer.signum(y));
        check(32, PackedInteger::psignd, (x, y) -> x * Integer.signum(y));
        check(8, (a, b) -> PackedInteger.pabsb(b), (x, y) -> Math.abs(y));
        check(16, (a, b) -> PackedInteger.pabsw(b), (x, y) -> Math.abs(y));
        check(32, (a, b) -> PackedInteger.pabsd(b), (x, y) -> Math.abs(y));
    }

    @Test
    void shouldMultiply() {
        check(16, PackedMultiply::pmullw, (x, y) -> x * y);
        check(16, PackedMultiply::pmulhw, (x, y) -> x * y >> 16);
        check(16, PackedMultiply::pmulhuw, (x, y) -> (x & 0xFFFF) * (y & 0xFFFF) >>> 16);
        check(32, PackedMultiply::pmulld, (x, y) -> x * y);
    }

    @Test
    void shouldAddNeighboursWithoutCarriesBetweenLanes() {
        long a = 0x0001_FFFF_8000_8001L;

        long sum = PackedInteger.phaddw(a, a);

        assertEquals(0x0000_0001_0000_0001L, sum);
    }

    @Test
    void shouldEmptyLanesByShiftsOfTheirWidth() {
        long ones = -1;

        assertEquals(0, PackedShift.psllw(ones, 16));
        assertEquals(0, PackedShift.psrlq(ones, 64));
        assertEquals(0, PackedShift.pslld(ones, 1L << 32));
        assertEquals(ones, PackedShift.psraw(ones, 1L << 40));
        assertEquals(0x7FFF_7FFF_7FFF_7FFFL, PackedShift.psrlw(ones, 1));
        assertEquals(0xFFFE_FFFE_FFFE_FFFEL, PackedShift.psllw(ones, 1));
    }
}
