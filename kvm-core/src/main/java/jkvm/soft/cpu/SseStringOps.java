package jkvm.soft.cpu;

import static jkvm.soft.cpu.SseOperands.set;

/**
 * PCMPESTRM, PCMPESTRI, PCMPISTRM, PCMPISTRI (SDM volume 2, 4.1). The first string is the register, the second one the
 * ModRM operand, whose elements the resulting bits stand for. Memory need not be aligned.
 */
final class SseStringOps {
    /** Bits of the immediate. */
    private static final int WORDS = 1, SIGNED = 2, NEGATIVE = 0x10, MASKED = 0x20, HIGHEST = 0x40, EXPANDED = 0x40;
    private static final int EQUAL_ANY = 0, RANGES = 1, EQUAL_EACH = 2;

    private SseStringOps() {
    }

    static void execute(Cpu cpu, Insn insn, int opcode, int imm) {
        SseOperands.loadUnaligned(cpu, insn);
        long low = cpu.fpu.xmm[2 * insn.reg];
        long high = cpu.fpu.xmm[2 * insn.reg + 1];
        int count = (imm & WORDS) != 0 ? 8 : 16;
        boolean explicit = opcode < 0x62;
        int first = explicit ? length(cpu, insn, Cpu.RAX, count) : terminatedLength(low, high, count);
        int second = explicit ? length(cpu, insn, Cpu.RDX, count)
                : terminatedLength(cpu.simd.low, cpu.simd.high, count);
        int bits = aggregate(low, high, first, cpu.simd.low, cpu.simd.high, second, imm);
        if ((imm & NEGATIVE) != 0) {
            bits ^= (imm & MASKED) != 0 ? (1 << second) - 1 : (1 << count) - 1;
        }
        if ((opcode & 1) != 0) {
            int none = (imm & HIGHEST) != 0 ? 31 - Integer.numberOfLeadingZeros(bits)
                    : Integer.numberOfTrailingZeros(bits);
            cpu.r[Cpu.RCX] = bits == 0 ? count : none;
        } else if ((imm & EXPANDED) != 0) {
            set(cpu, 0, expand(bits, count), expand(bits >> count / 2, count));
        } else {
            set(cpu, 0, bits, 0);
        }
        Flags.setArithmetic(cpu, (bits != 0 ? Cpu.CF : 0) | (second < count ? Cpu.ZF : 0) | (first < count ? Cpu.SF : 0)
                | ((bits & 1) != 0 ? Cpu.OF : 0));
    }

    /** The absolute value of EAX or EDX (RAX or RDX with REX.W), at most what a register holds. */
    private static int length(Cpu cpu, Insn insn, int register, int count) {
        long value = SseOperands.isWide(insn) ? cpu.r[register] : (int) cpu.r[register];
        return value > count || value < -count ? count : (int) Math.abs(value);
    }

    private static int terminatedLength(long low, long high, int count) {
        int bits = 128 / count;
        int length = 0;
        while (length < count && Sse38Ops.element(low, high, bits, length) != 0) {
            length++;
        }
        return length;
    }

    private static int element(long low, long high, int index, int imm) {
        long value = Sse38Ops.element(low, high, (imm & WORDS) != 0 ? 16 : 8, index);
        if ((imm & SIGNED) == 0) {
            return (int) value;
        }
        return (imm & WORDS) != 0 ? (short) value : (byte) value;
    }

    /**
     * One bit for each element of the second string. Elements after a string's end count as the manual's table says.
     */
    private static int aggregate(long low, long high, int first, long otherLow, long otherHigh, int second, int imm) {
        int count = (imm & WORDS) != 0 ? 8 : 16;
        int bits = 0;
        for (int j = 0; j < count; j++) {
            boolean set = switch (imm >> 2 & 3) {
                case EQUAL_ANY -> j < second && isAny(low, high, first, element(otherLow, otherHigh, j, imm), imm);
                case RANGES -> j < second && isInRange(low, high, first, element(otherLow, otherHigh, j, imm), imm);
                case EQUAL_EACH -> j < first && j < second
                        ? element(low, high, j, imm) == element(otherLow, otherHigh, j, imm)
                        : j >= first && j >= second;
                default -> isSubstring(low, high, first, otherLow, otherHigh, second, j, imm);
            };
            bits |= set ? 1 << j : 0;
        }
        return bits;
    }

    private static boolean isAny(long low, long high, int length, int value, int imm) {
        for (int i = 0; i < length; i++) {
            if (element(low, high, i, imm) == value) {
                return true;
            }
        }
        return false;
    }

    private static boolean isInRange(long low, long high, int length, int value, int imm) {
        for (int i = 0; i + 1 < length; i += 2) {
            if (element(low, high, i, imm) <= value && value <= element(low, high, i + 1, imm)) {
                return true;
            }
        }
        return false;
    }

    /** True if the first string, as far as the register reaches, begins at element {@code j} of the second. */
    private static boolean isSubstring(long low, long high, int first, long otherLow, long otherHigh, int second, int j,
            int imm) {
        int count = (imm & WORDS) != 0 ? 8 : 16;
        for (int i = 0; i < first && i + j < count; i++) {
            if (i + j >= second || element(low, high, i, imm) != element(otherLow, otherHigh, i + j, imm)) {
                return false;
            }
        }
        return true;
    }

    private static long expand(int bits, int count) {
        int width = 128 / count;
        long result = 0;
        for (int i = 0; i < 64 / width; i++) {
            if ((bits >> i & 1) != 0) {
                result |= -1L >>> 64 - width << i * width;
            }
        }
        return result;
    }
}
