package jkvm.soft.cpu;

import static jkvm.soft.cpu.SseOperands.load;
import static jkvm.soft.cpu.SseOperands.set;

import jkvm.soft.fpu.PackedInteger;

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
        if (opcode < 0xE0) {
            set(cpu, insn.reg, lower(opcode, xmm[d], low), lower(opcode, xmm[d + 1], high));
        } else {
            set(cpu, insn.reg, upper(opcode, xmm[d], low), upper(opcode, xmm[d + 1], high));
        }
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
            case 0x60 -> set(cpu, insn.reg, PackedInteger.punpcklbw(a, c), PackedInteger.punpckhbw(a, c));
            case 0x61 -> set(cpu, insn.reg, PackedInteger.punpcklwd(a, c), PackedInteger.punpckhwd(a, c));
            case 0x62 -> set(cpu, insn.reg, PackedInteger.punpckldq(a, c), PackedInteger.punpckhdq(a, c));
            case 0x63 -> set(cpu, insn.reg, PackedInteger.packsswb(a, b), PackedInteger.packsswb(c, d));
            case 0x67 -> set(cpu, insn.reg, PackedInteger.packuswb(a, b), PackedInteger.packuswb(c, d));
            case 0x68 -> set(cpu, insn.reg, PackedInteger.punpcklbw(b, d), PackedInteger.punpckhbw(b, d));
            case 0x69 -> set(cpu, insn.reg, PackedInteger.punpcklwd(b, d), PackedInteger.punpckhwd(b, d));
            case 0x6A -> set(cpu, insn.reg, PackedInteger.punpckldq(b, d), PackedInteger.punpckhdq(b, d));
            case 0x6B -> set(cpu, insn.reg, PackedInteger.packssdw(a, b), PackedInteger.packssdw(c, d));
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
        set(cpu, insn.rm, shift(opcode, group, low, count), shift(opcode, group, high, count));
    }

    private static long shift(int opcode, int group, long value, long count) {
        return switch (opcode << 4 | group) {
            case 0x712 -> PackedInteger.psrlw(value, count);
            case 0x714 -> PackedInteger.psraw(value, count);
            case 0x716 -> PackedInteger.psllw(value, count);
            case 0x722 -> PackedInteger.psrld(value, count);
            case 0x724 -> PackedInteger.psrad(value, count);
            case 0x726 -> PackedInteger.pslld(value, count);
            case 0x732 -> PackedInteger.psrlq(value, count);
            default -> PackedInteger.psllq(value, count);
        };
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
        return start < 8 ? PackedInteger.palignr(second, first, start) : PackedInteger.palignr(third, second, start - 8);
    }

    /** Operations on each half alone, opcodes below E0. */
    private static long lower(int opcode, long a, long b) {
        return switch (opcode) {
            case 0x64 -> PackedInteger.pcmpgtb(a, b);
            case 0x65 -> PackedInteger.pcmpgtw(a, b);
            case 0x66 -> PackedInteger.pcmpgtd(a, b);
            case 0x74 -> PackedInteger.pcmpeqb(a, b);
            case 0x75 -> PackedInteger.pcmpeqw(a, b);
            case 0x76 -> PackedInteger.pcmpeqd(a, b);
            case 0xD1 -> PackedInteger.psrlw(a, b);
            case 0xD2 -> PackedInteger.psrld(a, b);
            case 0xD3 -> PackedInteger.psrlq(a, b);
            case 0xD4 -> a + b;
            case 0xD5 -> PackedInteger.pmullw(a, b);
            case 0xD8 -> PackedInteger.psubusb(a, b);
            case 0xD9 -> PackedInteger.psubusw(a, b);
            case 0xDA -> PackedInteger.pminub(a, b);
            case 0xDC -> PackedInteger.paddusb(a, b);
            case 0xDD -> PackedInteger.paddusw(a, b);
            default -> PackedInteger.pmaxub(a, b);
        };
    }

    /** Operations on each half alone, opcodes from E0 on. */
    private static long upper(int opcode, long a, long b) {
        return switch (opcode) {
            case 0xE0 -> PackedInteger.pavgb(a, b);
            case 0xE1 -> PackedInteger.psraw(a, b);
            case 0xE2 -> PackedInteger.psrad(a, b);
            case 0xE3 -> PackedInteger.pavgw(a, b);
            case 0xE4 -> PackedInteger.pmulhuw(a, b);
            case 0xE5 -> PackedInteger.pmulhw(a, b);
            case 0xE8 -> PackedInteger.psubsb(a, b);
            case 0xE9 -> PackedInteger.psubsw(a, b);
            case 0xEA -> PackedInteger.pminsw(a, b);
            case 0xEC -> PackedInteger.paddsb(a, b);
            case 0xED -> PackedInteger.paddsw(a, b);
            case 0xEE -> PackedInteger.pmaxsw(a, b);
            case 0xF1 -> PackedInteger.psllw(a, b);
            case 0xF2 -> PackedInteger.pslld(a, b);
            case 0xF3 -> PackedInteger.psllq(a, b);
            case 0xF4 -> PackedInteger.pmuludq(a, b);
            case 0xF5 -> PackedInteger.pmaddwd(a, b);
            case 0xF6 -> PackedInteger.psadbw(a, b);
            case 0xF8 -> PackedInteger.psubb(a, b);
            case 0xF9 -> PackedInteger.psubw(a, b);
            case 0xFA -> PackedInteger.psubd(a, b);
            case 0xFB -> a - b;
            case 0xFC -> PackedInteger.paddb(a, b);
            case 0xFD -> PackedInteger.paddw(a, b);
            default -> PackedInteger.paddd(a, b);
        };
    }
}
