package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlagsTest {
    private static final int KINDS = 9;

    private static long sign(long value, int bits) {
        return value << 64 - bits >> 64 - bits;
    }

    private static long operand(Random random, int bits) {
        long[] corners = {0, 1, -1, 1L << bits - 1, (1L << bits - 1) - 1, 0xF, 0x10};
        return sign(random.nextBoolean() ? corners[random.nextInt(corners.length)] : random.nextLong(), bits);
    }

    /** The flags of x + y + c, one bit after the other. */
    private static int addFlags(long x, long y, int c, int bits) {
        int carry = c;
        int before = c;
        int flags = 0;
        long sum = 0;
        for (int i = 0; i < bits; i++) {
            int total = (int) (x >> i & 1) + (int) (y >> i & 1) + carry;
            sum |= (long) (total & 1) << i;
            before = carry;
            carry = total >> 1;
            flags |= i == 3 && carry == 1 ? Cpu.AF : 0;
        }
        flags |= carry == 1 ? Cpu.CF : 0;
        flags |= carry != before ? Cpu.OF : 0;
        flags |= sum == 0 ? Cpu.ZF : 0;
        flags |= (sum >> bits - 1 & 1) == 1 ? Cpu.SF : 0;
        return flags | (Long.bitCount(sum & 0xFF) % 2 == 0 ? Cpu.PF : 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 32, 64})
    void shouldComputeTheFlagsOfSumsAsAnAdderOfBitsDoes(int bits) {
        Random random = new Random(bits);
        for (int i = 0; i < 10_000; i++) {
            long x = operand(random, bits);
            long y = operand(random, bits);

            assertEquals(addFlags(x, y, 0, bits), Flags.materialize(Flags.ADD, x, y, sign(x + y, bits)),
                    () -> x + " + " + y);
            assertEquals(addFlags(x, y, 1, bits), Flags.materialize(Flags.ADC, x, y, sign(x + y + 1, bits)),
                    () -> x + " + " + y);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 32, 64})
    void shouldComputeTheFlagsOfDifferencesAsOfSumsWithTheComplement(int bits) {
        Random random = new Random(bits);
        for (int i = 0; i < 10_000; i++) {
            long x = operand(random, bits);
            long y = operand(random, bits);
            int inverted = Cpu.CF | Cpu.AF;

            assertEquals(addFlags(x, ~y, 1, bits) ^ inverted, Flags.materialize(Flags.SUB, x, y, sign(x - y, bits)));
            assertEquals(addFlags(x, ~y, 0, bits) ^ inverted,
                    Flags.materialize(Flags.SBB, x, y, sign(x - y - 1, bits)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 32, 64})
    void shouldKeepCarryWhenOneIsAddedOrSubtracted(int bits) {
        Random random = new Random(bits);
        for (int i = 0; i < 10_000; i++) {
            long x = operand(random, bits);
            int carry = random.nextInt(2);
            int sum = addFlags(x, 1, 0, bits) & ~Cpu.CF | carry;
            int difference = (addFlags(x, ~1L, 1, bits) ^ Cpu.AF) & ~Cpu.CF | carry;

            assertEquals(sum, Flags.materialize(Flags.INC, carry, x, sign(x + 1, bits)));
            assertEquals(difference, Flags.materialize(Flags.DEC, carry, x, sign(x - 1, bits)));
        }
    }

    @Test
    void shouldAnswerEachConditionAsFromTheMaterializedFlags() {
        Random random = new Random(1);
        for (int i = 0; i < 50_000; i++) {
            int kind = random.nextInt(KINDS);
            long a = operand(random, 32);
            long b = operand(random, 32);
            long r = switch (kind) {
                case Flags.ADD -> (int) (a + b);
                case Flags.ADC -> (int) (a + b + 1);
                case Flags.SUB -> (int) (a - b);
                case Flags.SBB -> (int) (a - b - 1);
                case Flags.INC -> (int) (b + 1);
                case Flags.DEC -> (int) (b - 1);
                default -> operand(random, 32);
            };
            long first = kind == Flags.RAW ? a & Cpu.ARITHMETIC : kind == Flags.MISC ? a & (Cpu.CF | Cpu.OF | Cpu.AF)
                    : kind == Flags.INC || kind == Flags.DEC ? a & 1 : a;
            int flags = Flags.materialize(kind, first, b, r);
            for (int cc = 0; cc < 16; cc++) {
                assertEquals(Flags.condition(cc, Flags.RAW, flags, 0, 0), Flags.condition(cc, kind, first, b, r),
                        "kind " + kind + " condition " + cc);
            }
        }
    }
}
