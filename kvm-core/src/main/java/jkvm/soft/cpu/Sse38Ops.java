package jkvm.soft.cpu;

import static jkvm.soft.cpu.SseOperands.load;
import static jkvm.soft.cpu.SseOperands.set;

import jkvm.soft.fpu.Aes;
import jkvm.soft.fpu.PackedInteger;
import jkvm.soft.fpu.PackedMultiply;
import jkvm.soft.fpu.PackedShuffle;
import jkvm.soft.fpu.Sha;
import jkvm.soft.fpu.SimdUnit;

/** SSSE3, SSE4.1, SSE4.2, AES and SHA instructions of opcode map 0F38. */
final class Sse38Ops {
    private static final long MASK_32 = 0xFFFFFFFFL;

    private Sse38Ops() {
    }

    static void execute(Cpu cpu, Insn insn) {
        int opcode = insn.opcode & 0xFF;
        if (opcode >= 0xC8) {
            cryptography(cpu, insn, opcode);
            return;
        }
        switch (opcode) {
            case 0x00 -> shuffleBytes(cpu, insn);
            case 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x2B -> combine(cpu, insn, opcode);
            case 0x10, 0x14, 0x15 -> blend(cpu, insn, opcode);
            case 0x17 -> test(cpu, insn);
            case 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35 -> extend(cpu, insn, opcode);
            case 0x2A -> {
                load(cpu, insn);
                set(cpu, insn.reg, cpu.simd.low, cpu.simd.high);
            }
            case 0x41 -> findMinimum(cpu, insn);
            default -> {
                load(cpu, insn);
                int d = 2 * insn.reg;
                long[] xmm = cpu.fpu.xmm;
                set(cpu, insn.reg, lane(opcode, xmm[d], cpu.simd.low), lane(opcode, xmm[d + 1], cpu.simd.high));
            }
        }
    }

    /** Operations on each half alone. */
    private static long lane(int opcode, long a, long b) {
        return switch (opcode) {
            case 0x28 -> PackedMultiply.pmuldq(a, b);
            case 0x29 -> a == b ? -1 : 0;
            case 0x37 -> a > b ? -1 : 0;
            case 0x38 -> PackedInteger.pminsb(a, b);
            case 0x39 -> PackedInteger.pminsd(a, b);
            case 0x3A -> PackedInteger.pminuw(a, b);
            case 0x3B -> PackedInteger.pminud(a, b);
            case 0x3C -> PackedInteger.pmaxsb(a, b);
            case 0x3D -> PackedInteger.pmaxsd(a, b);
            case 0x3E -> PackedInteger.pmaxuw(a, b);
            case 0x3F -> PackedInteger.pmaxud(a, b);
            case 0x40 -> PackedMultiply.pmulld(a, b);
            default -> PackedOps.ssse3(opcode, a, b);
        };
    }

    /** Horizontal arithmetic and packing: the low half of the result comes from the first operand. */
    private static void combine(Cpu cpu, Insn insn, int opcode) {
        load(cpu, insn);
        long low = cpu.fpu.xmm[2 * insn.reg];
        long high = cpu.fpu.xmm[2 * insn.reg + 1];
        set(cpu, insn.reg, combined(opcode, low, high), combined(opcode, cpu.simd.low, cpu.simd.high));
    }

    private static long combined(int opcode, long low, long high) {
        return opcode == 0x2B ? PackedShuffle.packusdw(low, high) : PackedOps.horizontal(opcode, low, high);
    }

    private static void shuffleBytes(Cpu cpu, Insn insn) {
        load(cpu, insn);
        long low = cpu.fpu.xmm[2 * insn.reg];
        long high = cpu.fpu.xmm[2 * insn.reg + 1];
        set(cpu, insn.reg, shuffled(low, high, cpu.simd.low), shuffled(low, high, cpu.simd.high));
    }

    private static long shuffled(long low, long high, long indexes) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int index = (int) (indexes >>> i);
            if ((index & 0x80) == 0) {
                result |= (((index & 8) == 0 ? low : high) >>> 8 * (index & 7) & 0xFF) << i;
            }
        }
        return result;
    }

    /** PBLENDVB, BLENDVPS, BLENDVPD: the signs of XMM0's elements choose the source. */
    private static void blend(Cpu cpu, Insn insn, int opcode) {
        load(cpu, insn);
        long[] xmm = cpu.fpu.xmm;
        int d = 2 * insn.reg;
        long low = signs(opcode, xmm[0]);
        long high = signs(opcode, xmm[1]);
        set(cpu, insn.reg, xmm[d] & ~low | cpu.simd.low & low, xmm[d + 1] & ~high | cpu.simd.high & high);
    }

    private static long signs(int opcode, long mask) {
        return switch (opcode) {
            case 0x10 -> PackedInteger.pcmpgtb(0, mask);
            case 0x14 -> PackedInteger.pcmpgtd(0, mask);
            default -> mask >> 63;
        };
    }

    private static void test(Cpu cpu, Insn insn) {
        load(cpu, insn);
        long low = cpu.fpu.xmm[2 * insn.reg];
        long high = cpu.fpu.xmm[2 * insn.reg + 1];
        boolean disjoint = (low & cpu.simd.low | high & cpu.simd.high) == 0;
        boolean covered = (~low & cpu.simd.low | ~high & cpu.simd.high) == 0;
        Flags.setArithmetic(cpu, (disjoint ? Cpu.ZF : 0) | (covered ? Cpu.CF : 0));
    }

    /** PMOVSX and PMOVZX: elements of 1, 2 or 4 bytes to two, four or eight times their size. */
    private static void extend(Cpu cpu, Insn insn, int opcode) {
        boolean signed = opcode < 0x30;
        int from = (opcode & 7) < 3 ? 8 : (opcode & 7) < 5 ? 16 : 32;
        int to = from << ((opcode & 7) < 3 ? (opcode & 7) + 1 : (opcode & 7) < 5 ? (opcode & 7) - 2 : 1);
        long source = switch (128 / to * from) {
            case 64 -> SseOperands.load64(cpu, insn);
            case 32 -> SseOperands.load32(cpu, insn);
            default -> SseOperands.load16(cpu, insn);
        };
        int count = 64 / to;
        set(cpu, insn.reg, extended(source, from, to, signed), extended(source >>> count * from, from, to, signed));
    }

    private static long extended(long source, int from, int to, boolean signed) {
        long result = 0;
        long mask = -1L >>> 64 - to;
        for (int place = 0; place < 64; place += to) {
            long element = source << 64 - from;
            result |= ((signed ? element >> 64 - from : element >>> 64 - from) & mask) << place;
            source >>>= from;
        }
        return result;
    }

    /** PHMINPOSUW: the smallest word and its index. */
    private static void findMinimum(Cpu cpu, Insn insn) {
        load(cpu, insn);
        int smallest = 0x10000;
        int index = 0;
        for (int i = 0; i < 8; i++) {
            int word = (int) ((i < 4 ? cpu.simd.low : cpu.simd.high) >>> 16 * (i & 3)) & 0xFFFF;
            if (word < smallest) {
                smallest = word;
                index = i;
            }
        }
        set(cpu, insn.reg, smallest | (long) index << 16, 0);
    }

    private static void cryptography(Cpu cpu, Insn insn, int opcode) {
        load(cpu, insn);
        SimdUnit unit = cpu.simd;
        long[] xmm = cpu.fpu.xmm;
        long low = xmm[2 * insn.reg];
        long high = xmm[2 * insn.reg + 1];
        switch (opcode) {
            case 0xC8 -> Sha.sha1NextE(unit, high, unit.low, unit.high);
            case 0xC9 -> Sha.sha1Message1(unit, low, high, unit.high);
            case 0xCA -> Sha.sha1Message2(unit, low, high, unit.low, unit.high);
            case 0xCB -> Sha.sha256Rounds(unit, low, high, unit.low, unit.high, xmm[0]);
            case 0xCC -> Sha.sha256Message1(unit, low, high, unit.low);
            case 0xCD -> Sha.sha256Message2(unit, low, high, unit.high);
            case 0xDB -> {
                unit.low = Aes.inverseMixColumns(unit.low);
                unit.high = Aes.inverseMixColumns(unit.high);
            }
            case 0xDC, 0xDD -> Aes.encrypt(unit, low, high, unit.low, unit.high, opcode == 0xDD);
            default -> Aes.decrypt(unit, low, high, unit.low, unit.high, opcode == 0xDF);
        }
        set(cpu, insn.reg, unit.low, unit.high);
    }

    /** Word, double word or byte number {@code index} of a 128-bit value. */
    static long element(long low, long high, int bits, int index) {
        int place = index * bits;
        return (place < 64 ? low : high) >>> (place & 63) & MASK_32 >>> 32 - bits;
    }
}
