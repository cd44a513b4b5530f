package jkvm.soft.oracle;

import java.util.SplittableRandom;

/** Random operands, most of them at the edges where arithmetic goes wrong. */
final class Values {
    private static final long[] FLOAT64 = {0, 1L << 63, 0x3FF0_0000_0000_0000L, 0xBFF0_0000_0000_0000L,
            0x7FF0_0000_0000_0000L, 0xFFF0_0000_0000_0000L, 0x7FF8_0000_0000_0000L, 0xFFF8_0000_0000_0000L,
            0x7FF0_0000_0000_0001L, 0xFFF7_FFFF_FFFF_FFFFL, 0x7FEF_FFFF_FFFF_FFFFL, 0x0010_0000_0000_0000L,
            0x000F_FFFF_FFFF_FFFFL, 1, 0x8000_0000_0000_0001L, 0x3FE0_0000_0000_0000L, 0x4330_0000_0000_0000L,
            0x41DF_FFFF_FFC0_0000L, 0x41E0_0000_0000_0000L, 0x43E0_0000_0000_0000L, 0xC1E0_0000_0000_0000L,
            0x36A0_0000_0000_0000L, 0x380F_FFFF_FFFF_FFFFL, 0x47EF_FFFF_E000_0000L, 0x47EF_FFFF_F000_0000L,
            0x3FEF_FFFF_FFFF_FFFFL, 0x3FF0_0000_0000_0001L, 0x4004_0000_0000_0000L, 0x3FF8_0000_0000_0000L};
    private static final int[] FLOAT32 = {0, 1 << 31, 0x3F80_0000, 0xBF80_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000,
            0xFFC0_0000, 0x7F80_0001, 0xFFBF_FFFF, 0x7F7F_FFFF, 0x0080_0000, 0x007F_FFFF, 1, 0x8000_0001, 0x3F00_0000,
            0x4B00_0000, 0x4EFF_FFFF, 0x4F00_0000, 0x5F00_0000, 0xCF00_0000, 0x3F7F_FFFF, 0x3F80_0001, 0x4020_0000};
    private static final int[] EXPONENT80 = {0, 1, 0x3FFF, 0x7FFE, 0x7FFF, 0x3FFE, 0x4000, 0x403E, 0x403D, 0x401E,
            0x400E, 0x3C01, 0x3C00, 0x43FE, 0x43FF, 0x3F81, 0x3F80, 0x407E, 0x407F, 0x3FC0, 0x3FDE, 2, 64};
    private static final long[] SIGNIFICAND80 = {0, 1L << 63, 0xC000_0000_0000_0000L, -1, 1, 0x8000_0000_0000_0001L,
            0x4000_0000_0000_0000L, 0xA000_0000_0000_0000L, 0xFFFF_FF00_0000_0000L, 0xFFFF_FFFF_FFFF_F800L,
            0x8000_0000_0000_0400L, 0x8000_0080_0000_0000L, 0x7FFF_FFFF_FFFF_FFFFL};

    private final SplittableRandom random;

    Values(SplittableRandom random) {
        this.random = random;
    }

    /** Of 64 bits: zero, small, a power of two and its neighbours, a sign-extended smaller one, or anything. */
    long integer() {
        return switch (random.nextInt(10)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> random.nextInt(-17, 18);
            case 3 -> 1L << random.nextInt(64);
            case 4 -> (1L << random.nextInt(64)) - 1;
            case 5 -> -(1L << random.nextInt(64));
            case 6 -> (byte) random.nextInt();
            case 7 -> random.nextInt();
            default -> random.nextLong();
        };
    }

    /** Bits of a double. */
    long float64() {
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> FLOAT64[random.nextInt(FLOAT64.length)];
            case 3 -> random.nextLong();
            case 4 -> Double.doubleToRawLongBits(random.nextInt(-1000, 1000));
            case 5 -> Double.doubleToRawLongBits(random.nextInt() * 0x1p-16);
            case 6 -> FLOAT64[random.nextInt(FLOAT64.length)] + random.nextInt(-2, 3);
            default -> random.nextLong() & 0x800F_FFFF_FFFF_FFFFL | (long) random.nextInt(0x3E0, 0x420) << 52;
        };
    }

    /** Bits of a float. */
    int float32() {
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> FLOAT32[random.nextInt(FLOAT32.length)];
            case 3 -> random.nextInt();
            case 4 -> Float.floatToRawIntBits(random.nextInt(-1000, 1000));
            case 5 -> Float.floatToRawIntBits(random.nextInt() * 0x1p-8f);
            case 6 -> FLOAT32[random.nextInt(FLOAT32.length)] + random.nextInt(-2, 3);
            default -> random.nextInt() & 0x807F_FFFF | random.nextInt(0x60, 0xA0) << 23;
        };
    }

    /** Sign and exponent of an 80-bit number. */
    int exponent80() {
        int exponent = switch (random.nextInt(8)) {
            case 0, 1, 2 -> EXPONENT80[random.nextInt(EXPONENT80.length)];
            case 3 -> random.nextInt(0x8000);
            case 4 -> 0x3FFF + random.nextInt(-64, 65);
            case 5 -> EXPONENT80[random.nextInt(EXPONENT80.length)] + random.nextInt(-1, 2);
            default -> 0x3FFF + random.nextInt(-4, 20);
        };
        return exponent & 0x7FFF | random.nextInt(2) << 15;
    }

    /** Significand of an 80-bit number; mostly with its leading bit, as all but denormals and unsupported ones have. */
    long significand80(int exponent) {
        long value = switch (random.nextInt(6)) {
            case 0, 1 -> SIGNIFICAND80[random.nextInt(SIGNIFICAND80.length)];
            case 2 -> random.nextLong();
            case 3 -> random.nextLong() << random.nextInt(64);
            case 4 -> (random.nextLong() & 0x1FFF) << random.nextInt(52) | 1L << 63;
            default -> random.nextLong() | 1L << 63;
        };
        if (random.nextInt(16) == 0) {
            return value;
        }
        return (exponent & 0x7FFF) == 0 ? value & Long.MAX_VALUE : value | 1L << 63;
    }

    /** About an eighth of the bits are set. */
    private long fewBits() {
        long bits = -1;
        for (int i = 0; i < 3; i++) {
            bits &= random.nextLong();
        }
        return bits;
    }

    /** Eight bytes for a vector register or memory, of one of the kinds. */
    long eight(int kind) {
        return switch (kind) {
            case 0 -> random.nextLong();
            case 1 -> integer();
            case 2 -> float32() & 0xFFFF_FFFFL | (long) float32() << 32;
            case 3 -> float64();
            default -> (integer() & 0xFF) * 0x0101_0101_0101_0101L ^ fewBits();
        };
    }
}
