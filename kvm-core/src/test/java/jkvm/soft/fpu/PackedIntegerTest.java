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
            long b = random.nextInt(4) == 0 ? a ^ 0x8000_8080_8000_0000L : random.nextLong();
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
        check(16, PackedInteger::psubsw, (x, y) -> Math.clamp((long) x - y, -32768, 32767));
        check(8, PackedInteger::paddusb, (x, y) -> Math.min((x & 0xFF) + (y & 0xFF), 0xFF));
        check(16, PackedInteger::psubusw, (x, y) -> Math.max((x & 0xFFFF) - (y & 0xFFFF), 0));
    }

    @Test
    void shouldMultiply() {
        check(16, PackedInteger::pmullw, (x, y) -> x * y);
        check(16, PackedInteger::pmulhw, (x, y) -> x * y >> 16);
        check(16, PackedInteger::pmulhuw, (x, y) -> (x & 0xFFFF) * (y & 0xFFFF) >>> 16);
        check(32, PackedInteger::pmulld, (x, y) -> x * y);
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

        assertEquals(0, PackedInteger.psllw(ones, 16));
        assertEquals(0, PackedInteger.psrlq(ones, 64));
        assertEquals(0, PackedInteger.pslld(ones, 1L << 32));
        assertEquals(ones, PackedInteger.psraw(ones, 1L << 40));
        assertEquals(0x7FFF_7FFF_7FFF_7FFFL, PackedInteger.psrlw(ones, 1));
        assertEquals(0xFFFE_FFFE_FFFE_FFFEL, PackedInteger.psllw(ones, 1));
    }
}
