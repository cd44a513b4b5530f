package jkvm.soft.cpu;

import static jkvm.soft.cpu.SseOperands.load;
import static jkvm.soft.cpu.SseOperands.set;

import jkvm.soft.fpu.PackedShuffle;

/** SSE2's integer instructions of map 0F with prefix 66, and the logical ones on floating-point registers. */
final class SseIntegerOps {
    private SseIntegerOps() {
    }

    static void execute(Cpu cpu, Insn insn) {
        int opcode = insn.opcode & 0xFF;
        switch (opcode) {
            case 0x54, 0x55, 0x56, 0x57, 0xDB, 0xDF, 0xEB, 0xEF -> logical(cpu, insn, opcode);
            case 0x60, 0x61, 0x62, 0x63, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D -> combine(cpu, insn, opcode);
            case 0x71, 0x72, 0x73 -> shiftByImmediate(cpu, insn, opcode);
            default -> lanes(cpu, insn, opcode);
        }
    }

    /** Operations on each half alone. */
    static void lanes(Cpu cpu, Insn insn, int opcode) {
        load(cpu, insn);
        long[] xmm = cpu.fpu.xmm;
        int d = 2 * insn.reg;
        long low = cpu.simd.low;
        long high = isShift(opcode) ? low : cpu.simd.high;
        set(cpu, insn.reg, PackedOps.lanes(opcode, xmm[d], low), PackedOps.lanes(opcode, xmm[d + 1], high));
    }

    /** Shifts take their count from the low half, for both halves. */
    private static boolean isShift(int opcode) {
        int column = opcode & 0xF;
        return opcode >= 0xD0 && (column >= 1 && column <= 3) && opcode != 0xE3;
    }

    private static void logical(Cpu cpu, Insn insn, int opcode) {
        load(cpu, insn);
        long[] xmm = cpu.fpu.xmm;
        int d = 2 * insn.reg;
        switch (opcode) {
            case 0x54, 0xDB -> {
                xmm[d] &= cpu.simd.low;
                xmm[d + 1] &= cpu.simd.high;
            }
            case 0x55, 0xDF -> {
                xmm[d] = ~xmm[d] & cpu.simd.low;
                xmm[d + 1] = ~xmm[d + 1] & cpu.simd.high;
            }
            case 0x56, 0xEB -> {
                xmm[d] |= cpu.simd.low;
                xmm[d + 1] |= cpu.simd.high;
            }
            default -> {
                xmm[d] ^= cpu.simd.low;
                xmm[d + 1] ^= cpu.simd.high;
            }
        }
    }

    /** Interleaving and packing: each half of the result comes from other halves of the operands. */
    private static void combine(Cpu cpu, Insn insn, int opcode) {
        load(cpu, insn);
        long a = cpu.fpu.xmm[2 * insn.reg];
        long b = cpu.fpu.xmm[2 * insn.reg + 1];
        long c = cpu.simd.low;
        long d = cpu.simd.high;
        switch (opcode) {
            case 0x60 -> set(cpu, insn.reg, PackedShuffle.punpcklbw(a, c), PackedShuffle.punpckhbw(a, c));
            case 0x61 -> set(cpu, insn.reg, PackedShuffle.punpcklwd(a, c), PackedShuffle.punpckhwd(a, c));
            case 0x62 -> set(cpu, insn.reg, PackedShuffle.punpckldq(a, c), PackedShuffle.punpckhdq(a, c));
            case 0x63 -> set(cpu, insn.reg, PackedShuffle.packsswb(a, b), PackedShuffle.packsswb(c, d));
            case 0x67 -> set(cpu, insn.reg, PackedShuffle.packuswb(a, b), PackedShuffle.packuswb(c, d));
            case 0x68 -> set(cpu, insn.reg, PackedShuffle.punpcklbw(b, d), PackedShuffle.punpckhbw(b, d));
            case 0x69 -> set(cpu, insn.reg, PackedShuffle.punpcklwd(b, d), PackedShuffle.punpckhwd(b, d));
            case 0x6A -> set(cpu, insn.reg, PackedShuffle.punpckldq(b, d), PackedShuffle.punpckhdq(b, d));
            case 0x6B -> set(cpu, insn.reg, PackedShuffle.packssdw(a, b), PackedShuffle.packssdw(c, d));
            case 0x6C -> set(cpu, insn.reg, a, c);
            default -> set(cpu, insn.reg, b, d);
        }
    }

    private static void shiftByImmediate(Cpu cpu, Insn insn, int opcode) {
        int group = insn.modrm >> 3 & 7;
        int count = (int) insn.imm & 0xFF;
        long low = cpu.fpu.xmm[2 * insn.rm];
        long high = cpu.fpu.xmm[2 * insn.rm + 1];
        if (opcode == 0x73 && (group & 1) != 0) {
            shiftBytes(cpu, insn.rm, group == 7, count);
            return;
        }
        set(cpu, insn.rm, PackedOps.shift(opcode, group, low, count), PackedOps.shift(opcode, group, high, count));
    }

    /** PSLLDQ and PSRLDQ. */
    private static void shiftBytes(Cpu cpu, int number, boolean left, int count) {
        long low = cpu.fpu.xmm[2 * number];
        long high = cpu.fpu.xmm[2 * number + 1];
        int bytes = Math.min(count, 16);
        if (left) {
            set(cpu, number, eightBytes(0, 0, low, 16 - bytes), eightBytes(0, low, high, 16 - bytes));
        } else {
            set(cpu, number, eightBytes(low, high, 0, bytes), eightBytes(high, 0, 0, bytes));
        }
    }

    /** Eight of the 24 bytes of three words, the first one lowest, from byte {@code start} (0 to 16) on. */
    static long eightBytes(long first, long second, long third, int start) {
        return start < 8 ? PackedShuffle.palignr(second, first, start)
                : PackedShuffle.palignr(third, second, start - 8);
    }
}
