package jkvm.soft.cpu;

import static jkvm.soft.cpu.SseOperands.isMemory;
import static jkvm.soft.cpu.SseOperands.load;
import static jkvm.soft.cpu.SseOperands.set;

import jkvm.soft.fpu.Aes;
import jkvm.soft.fpu.CarrylessMultiply;
import jkvm.soft.fpu.Conversion;
import jkvm.soft.fpu.DoubleLanes;
import jkvm.soft.fpu.Sha;
import jkvm.soft.fpu.SimdUnit;
import jkvm.soft.fpu.SingleLanes;

/** Instructions of opcode map 0F3A, which all have an immediate: SSSE3, SSE4.1, SSE4.2, PCLMULQDQ, AES, SHA. */
final class Sse3aOps {
    private static final long MASK_32 = 0xFFFFFFFFL;

    private Sse3aOps() {
    }

    static void execute(Cpu cpu, Insn insn) {
        int opcode = insn.opcode & 0xFF;
        int imm = (int) insn.imm & 0xFF;
        switch (opcode) {
            case 0x08, 0x09, 0x0A, 0x0B -> round(cpu, insn, opcode, imm);
            case 0x0C, 0x0D, 0x0E -> blend(cpu, insn, opcode, imm);
            case 0x0F -> alignRight(cpu, insn, imm);
            case 0x14, 0x15, 0x16, 0x17 -> extract(cpu, insn, opcode, imm);
            case 0x20, 0x22 -> insert(cpu, insn, opcode, imm);
            case 0x21 -> insertSingle(cpu, insn, imm);
            case 0x40 -> dotProductSingle(cpu, insn, imm);
            case 0x41 -> dotProductDouble(cpu, insn, imm);
            case 0x42 -> sumDifferences(cpu, insn, imm);
            case 0x60, 0x61, 0x62, 0x63 -> SseStringOps.execute(cpu, insn, opcode, imm);
            default -> cryptography(cpu, insn, opcode, imm);
        }
    }

    /** ROUNDPS, ROUNDPD, ROUNDSS, ROUNDSD. */
    private static void round(Cpu cpu, Insn insn, int opcode, int imm) {
        SimdUnit unit = cpu.simd;
        long low;
        long high = 0;
        switch (opcode) {
            case 0x0A -> low = SseOperands.load32(cpu, insn);
            case 0x0B -> low = SseOperands.load64(cpu, insn);
            default -> {
                load(cpu, insn);
                low = unit.low;
                high = unit.high;
            }
        }
        unit.begin(cpu.fpu.mxcsr);
        if ((imm & 4) == 0) {
            unit.useRounding(imm & 3);
        }
        boolean isDouble = (opcode & 1) != 0;
        low = isDouble ? Conversion.roundDouble(unit, low) : roundPair(unit, low);
        high = isDouble ? Conversion.roundDouble(unit, high) : roundPair(unit, high);
        if ((imm & 8) != 0) {
            unit.suppressInexact();
        }
        SseFloatOps.finish(cpu);
        switch (opcode) {
            case 0x0A -> SseOperands.set32(cpu, insn.reg, low);
            case 0x0B -> cpu.fpu.xmm[2 * insn.reg] = low;
            default -> set(cpu, insn.reg, low, high);
        }
    }

    private static long roundPair(SimdUnit unit, long value) {
        return Conversion.roundSingle(unit, value & MASK_32) | Conversion.roundSingle(unit, value >>> 32) << 32;
    }

    /** BLENDPS, BLENDPD, PBLENDW: bits of the immediate choose the source. */
    private static void blend(Cpu cpu, Insn insn, int opcode, int imm) {
        load(cpu, insn);
        int bits = opcode == 0x0C ? 32 : opcode == 0x0D ? 64 : 16;
        int d = 2 * insn.reg;
        long low = mask(imm, bits);
        long high = mask(imm >> 64 / bits, bits);
        set(cpu, insn.reg, cpu.fpu.xmm[d] & ~low | cpu.simd.low & low,
                cpu.fpu.xmm[d + 1] & ~high | cpu.simd.high & high);
    }

    /** Spreads bits to elements of 16, 32 or 64 ones. */
    private static long mask(int selection, int bits) {
        long result = 0;
        for (int i = 0; i < 64 / bits; i++) {
            if ((selection >> i & 1) != 0) {
                result |= -1L >>> 64 - bits << i * bits;
            }
        }
        return result;
    }

    private static void alignRight(Cpu cpu, Insn insn, int imm) {
        load(cpu, insn);
        long a = cpu.simd.low;
        long b = cpu.simd.high;
        long c = cpu.fpu.xmm[2 * insn.reg];
        long d = cpu.fpu.xmm[2 * insn.reg + 1];
        if (imm <= 16) {
            set(cpu, insn.reg, SseIntegerOps.eightBytes(a, b, c, imm), SseIntegerOps.eightBytes(b, c, d, imm));
        } else {
            int start = Math.min(imm - 16, 16);
            set(cpu, insn.reg, SseIntegerOps.eightBytes(c, d, 0, start), SseIntegerOps.eightBytes(d, 0, 0, start));
        }
    }

    /** PEXTRB, PEXTRW, PEXTRD, PEXTRQ, EXTRACTPS. */
    private static void extract(Cpu cpu, Insn insn, int opcode, int imm) {
        long low = cpu.fpu.xmm[2 * insn.reg];
        long high = cpu.fpu.xmm[2 * insn.reg + 1];
        int size = opcode == 0x14 ? 1 : opcode == 0x15 ? 2 : opcode == 0x16 && SseOperands.isWide(insn) ? 8 : 4;
        long value = size == 8 ? (imm & 1) == 0 ? low : high
                : Sse38Ops.element(low, high, 8 * size, imm & 16 / size - 1);
        if (isMemory(insn)) {
            Operands.store(cpu.mmu, Operands.address(cpu, insn, size, true), size, value);
        } else {
            cpu.r[insn.rm] = value;
        }
    }

    /** PINSRB, PINSRD, PINSRQ. */
    private static void insert(Cpu cpu, Insn insn, int opcode, int imm) {
        int size = opcode == 0x20 ? 1 : SseOperands.isWide(insn) ? 8 : 4;
        long value = isMemory(insn) ? Operands.load(cpu.mmu, Operands.address(cpu, insn, size, false), size)
                : cpu.r[insn.rm];
        int place = (imm & 16 / size - 1) * size * 8;
        long mask = -1L >>> 64 - 8 * size << (place & 63);
        int half = 2 * insn.reg + (place >> 6);
        cpu.fpu.xmm[half] = cpu.fpu.xmm[half] & ~mask | value << (place & 63) & mask;
    }

    /** INSERTPS: one single from a register's lane or from memory, then zeros where the immediate says so. */
    private static void insertSingle(Cpu cpu, Insn insn, int imm) {
        long value;
        if (isMemory(insn)) {
            value = SseOperands.load32(cpu, insn);
        } else {
            load(cpu, insn);
            value = Sse38Ops.element(cpu.simd.low, cpu.simd.high, 32, imm >> 6);
        }
        long low = cpu.fpu.xmm[2 * insn.reg];
        long high = cpu.fpu.xmm[2 * insn.reg + 1];
        int lane = imm >> 4 & 3;
        long mask = MASK_32 << 32 * (lane & 1);
        value <<= 32 * (lane & 1);
        if (lane < 2) {
            low = low & ~mask | value;
        } else {
            high = high & ~mask | value;
        }
        set(cpu, insn.reg, low & ~mask(imm, 32), high & ~mask(imm >> 2, 32));
    }

    /**
     * DPPS: four products, then sums of two, then of four; an exception ends it at its stage. Every lane has sums of
     * its own, which differ in the choice among several NaNs.
     */
    private static void dotProductSingle(Cpu cpu, Insn insn, int imm) {
        load(cpu, insn);
        SimdUnit unit = cpu.simd;
        unit.begin(cpu.fpu.mxcsr);
        long low = products(unit, cpu.fpu.xmm[2 * insn.reg], unit.low, imm >> 4);
        long high = products(unit, cpu.fpu.xmm[2 * insn.reg + 1], unit.high, imm >> 6);
        long resultLow = 0;
        long resultHigh = 0;
        if (unit.stage()) {
            low = neighboursAdded(unit, low);
            high = neighboursAdded(unit, high);
            if (unit.stage()) {
                resultLow = lanesAdded(unit, low, high);
                resultHigh = lanesAdded(unit, high, low);
            }
        }
        SseFloatOps.finish(cpu);
        set(cpu, insn.reg, resultLow & mask(imm, 32), resultHigh & mask(imm >> 2, 32));
    }

    private static long neighboursAdded(SimdUnit unit, long pair) {
        return lanesAdded(unit, pair >>> 32 | pair << 32, pair);
    }

    private static long lanesAdded(SimdUnit unit, long a, long b) {
        return SingleLanes.add(unit, a & MASK_32, b & MASK_32) | SingleLanes.add(unit, a >>> 32, b >>> 32) << 32;
    }

    private static long products(SimdUnit unit, long a, long b, int selection) {
        long first = (selection & 1) != 0 ? SingleLanes.multiply(unit, a & MASK_32, b & MASK_32) : 0;
        long second = (selection & 2) != 0 ? SingleLanes.multiply(unit, a >>> 32, b >>> 32) : 0;
        return first | second << 32;
    }

    private static void dotProductDouble(Cpu cpu, Insn insn, int imm) {
        load(cpu, insn);
        SimdUnit unit = cpu.simd;
        unit.begin(cpu.fpu.mxcsr);
        long first = (imm & 0x10) != 0 ? DoubleLanes.multiply(unit, cpu.fpu.xmm[2 * insn.reg], unit.low) : 0;
        long second = (imm & 0x20) != 0 ? DoubleLanes.multiply(unit, cpu.fpu.xmm[2 * insn.reg + 1], unit.high) : 0;
        long low = 0;
        long high = 0;
        if (unit.stage()) {
            low = DoubleLanes.add(unit, first, second);
            high = DoubleLanes.add(unit, second, first);
        }
        SseFloatOps.finish(cpu);
        set(cpu, insn.reg, low & mask(imm, 64), high & mask(imm >> 1, 64));
    }

    /** MPSADBW: four bytes of the source against eight groups of four bytes of the destination. */
    private static void sumDifferences(Cpu cpu, Insn insn, int imm) {
        load(cpu, insn);
        long low = cpu.fpu.xmm[2 * insn.reg];
        long high = cpu.fpu.xmm[2 * insn.reg + 1];
        int block = 4 * (imm & 3);
        int start = imm & 4;
        long resultLow = 0;
        long resultHigh = 0;
        for (int i = 0; i < 8; i++) {
            long sum = 0;
            for (int k = 0; k < 4; k++) {
                sum += Math.abs(Sse38Ops.element(low, high, 8, start + i + k)
                        - Sse38Ops.element(cpu.simd.low, cpu.simd.high, 8, block + k));
            }
            if (i < 4) {
                resultLow |= sum << 16 * i;
            } else {
                resultHigh |= sum << 16 * (i - 4);
            }
        }
        set(cpu, insn.reg, resultLow, resultHigh);
    }

    private static void cryptography(Cpu cpu, Insn insn, int opcode, int imm) {
        load(cpu, insn);
        SimdUnit unit = cpu.simd;
        long low = cpu.fpu.xmm[2 * insn.reg];
        long high = cpu.fpu.xmm[2 * insn.reg + 1];
        switch (opcode) {
            case 0x44 -> CarrylessMultiply.multiply(unit, (imm & 1) == 0 ? low : high,
                    (imm & 0x10) == 0 ? unit.low : unit.high);
            case 0xCC -> Sha.sha1Rounds(unit, low, high, unit.low, unit.high, imm & 3);
            default -> Aes.assistKeyGeneration(unit, unit.low, unit.high, imm);
        }
        set(cpu, insn.reg, unit.low, unit.high);
    }
}
