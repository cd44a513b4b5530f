package jkvm.soft.cpu;

import static jkvm.soft.cpu.SseOperands.load;
import static jkvm.soft.cpu.SseOperands.load32;
import static jkvm.soft.cpu.SseOperands.load64;
import static jkvm.soft.cpu.SseOperands.set;
import static jkvm.soft.cpu.SseOperands.set32;

import jkvm.soft.fpu.Comparison;
import jkvm.soft.fpu.DoubleLanes;
import jkvm.soft.fpu.Estimate;
import jkvm.soft.fpu.SimdUnit;
import jkvm.soft.fpu.SingleLanes;
import jkvm.soft.mmu.GuestException;

/** SSE's floating-point arithmetic and comparisons of map 0F: packed and scalar, single and double precision. */
final class SseFloatOps {
    private static final long MASK_32 = 0xFFFFFFFFL;

    private SseFloatOps() {
    }

    static void execute(Cpu cpu, Insn insn, int prefix) {
        int opcode = insn.opcode & 0xFF;
        switch (opcode) {
            case 0x2E, 0x2F -> compareToFlags(cpu, insn, prefix, opcode == 0x2F);
            case 0x52, 0x53 -> estimate(cpu, insn, prefix, opcode);
            case 0x7C, 0x7D -> horizontal(cpu, insn, prefix, opcode);
            case 0xD0 -> addAndSubtract(cpu, insn, prefix);
            default -> {
                switch (prefix) {
                    case SseTable.F2 -> scalarDouble(cpu, insn, opcode);
                    case SseTable.F3 -> scalarSingle(cpu, insn, opcode);
                    case SseTable.P66 -> packedDouble(cpu, insn, opcode);
                    default -> packedSingle(cpu, insn, opcode);
                }
            }
        }
    }

    /**
     * Ends arithmetic: adds its flags to MXCSR.
     *
     * @throws GuestException #XM; #UD where the system does not know #XM
     */
    static void finish(Cpu cpu) {
        cpu.fpu.mxcsr |= cpu.simd.finish();
        if (cpu.simd.faults()) {
            throw cpu.fault.of((cpu.cr4 & Cpu.CR4_OSXMMEXCPT) != 0 ? GuestException.XM : GuestException.UD);
        }
    }

    static void scalarDouble(Cpu cpu, Insn insn, int opcode) {
        long b = load64(cpu, insn);
        cpu.simd.begin(cpu.fpu.mxcsr);
        long result = lane64(cpu.simd, opcode, cpu.fpu.xmm[2 * insn.reg], b, (int) insn.imm);
        finish(cpu);
        cpu.fpu.xmm[2 * insn.reg] = result;
    }

    static void scalarSingle(Cpu cpu, Insn insn, int opcode) {
        long b = load32(cpu, insn);
        cpu.simd.begin(cpu.fpu.mxcsr);
        long result = lane32(cpu.simd, opcode, cpu.fpu.xmm[2 * insn.reg] & MASK_32, b, (int) insn.imm);
        finish(cpu);
        set32(cpu, insn.reg, result);
    }

    private static void packedDouble(Cpu cpu, Insn insn, int opcode) {
        load(cpu, insn);
        SimdUnit unit = cpu.simd;
        unit.begin(cpu.fpu.mxcsr);
        long low = lane64(unit, opcode, cpu.fpu.xmm[2 * insn.reg], unit.low, (int) insn.imm);
        long high = lane64(unit, opcode, cpu.fpu.xmm[2 * insn.reg + 1], unit.high, (int) insn.imm);
        finish(cpu);
        set(cpu, insn.reg, low, high);
    }

    private static void packedSingle(Cpu cpu, Insn insn, int opcode) {
        load(cpu, insn);
        SimdUnit unit = cpu.simd;
        unit.begin(cpu.fpu.mxcsr);
        long low = pair(unit, opcode, cpu.fpu.xmm[2 * insn.reg], unit.low, (int) insn.imm);
        long high = pair(unit, opcode, cpu.fpu.xmm[2 * insn.reg + 1], unit.high, (int) insn.imm);
        finish(cpu);
        set(cpu, insn.reg, low, high);
    }

    private static long pair(SimdUnit unit, int opcode, long a, long b, int predicate) {
        return lane32(unit, opcode, a & MASK_32, b & MASK_32, predicate)
                | lane32(unit, opcode, a >>> 32, b >>> 32, predicate) << 32;
    }

    private static long lane64(SimdUnit unit, int opcode, long a, long b, int predicate) {
        return switch (opcode) {
            case 0x51 -> DoubleLanes.squareRoot(unit, b);
            case 0x58 -> DoubleLanes.add(unit, a, b);
            case 0x59 -> DoubleLanes.multiply(unit, a, b);
            case 0x5C -> DoubleLanes.subtract(unit, a, b);
            case 0x5D -> DoubleLanes.minimum(unit, a, b);
            case 0x5E -> DoubleLanes.divide(unit, a, b);
            case 0x5F -> DoubleLanes.maximum(unit, a, b);
            default -> DoubleLanes.compare(unit, a, b, predicate & 7) ? -1 : 0;
        };
    }

    private static long lane32(SimdUnit unit, int opcode, long a, long b, int predicate) {
        return switch (opcode) {
            case 0x51 -> SingleLanes.squareRoot(unit, b);
            case 0x58 -> SingleLanes.add(unit, a, b);
            case 0x59 -> SingleLanes.multiply(unit, a, b);
            case 0x5C -> SingleLanes.subtract(unit, a, b);
            case 0x5D -> SingleLanes.minimum(unit, a, b);
            case 0x5E -> SingleLanes.divide(unit, a, b);
            case 0x5F -> SingleLanes.maximum(unit, a, b);
            default -> SingleLanes.compare(unit, a, b, predicate & 7) ? MASK_32 : 0;
        };
    }

    /** UCOMISS, UCOMISD, COMISS, COMISD: unordered sets ZF, PF and CF, less CF, equal ZF. */
    private static void compareToFlags(Cpu cpu, Insn insn, int prefix, boolean signaling) {
        SimdUnit unit = cpu.simd;
        long a = cpu.fpu.xmm[2 * insn.reg];
        int relation;
        if (prefix == SseTable.P66) {
            long b = load64(cpu, insn);
            unit.begin(cpu.fpu.mxcsr);
            relation = DoubleLanes.order(unit, a, b, signaling);
        } else {
            long b = load32(cpu, insn);
            unit.begin(cpu.fpu.mxcsr);
            relation = SingleLanes.order(unit, a & MASK_32, b, signaling);
        }
        finish(cpu);
        Flags.setArithmetic(cpu, switch (relation) {
            case Comparison.LESS -> Cpu.CF;
            case Comparison.EQUAL -> Cpu.ZF;
            case Comparison.UNORDERED -> Cpu.ZF | Cpu.PF | Cpu.CF;
            default -> 0;
        });
    }

    /** RSQRTPS, RCPPS and their scalar forms. */
    private static void estimate(Cpu cpu, Insn insn, int prefix, int opcode) {
        if (prefix == SseTable.F3) {
            set32(cpu, insn.reg, estimate(opcode, load32(cpu, insn)));
            return;
        }
        load(cpu, insn);
        long low = cpu.simd.low;
        long high = cpu.simd.high;
        set(cpu, insn.reg, estimate(opcode, low & MASK_32) | estimate(opcode, low >>> 32) << 32,
                estimate(opcode, high & MASK_32) | estimate(opcode, high >>> 32) << 32);
    }

    private static long estimate(int opcode, long a) {
        return opcode == 0x53 ? Estimate.reciprocal(a) : Estimate.reciprocalSquareRoot(a);
    }

    /** HADDPS, HADDPD, HSUBPS, HSUBPD. */
    private static void horizontal(Cpu cpu, Insn insn, int prefix, int opcode) {
        load(cpu, insn);
        SimdUnit unit = cpu.simd;
        unit.begin(cpu.fpu.mxcsr);
        int operation = opcode == 0x7C ? 0x58 : 0x5C;
        long a = cpu.fpu.xmm[2 * insn.reg];
        long b = cpu.fpu.xmm[2 * insn.reg + 1];
        long low;
        long high;
        if (prefix == SseTable.P66) {
            low = lane64(unit, operation, a, b, 0);
            high = lane64(unit, operation, unit.low, unit.high, 0);
        } else {
            low = neighbours(unit, operation, a) | neighbours(unit, operation, b) << 32;
            high = neighbours(unit, operation, unit.low) | neighbours(unit, operation, unit.high) << 32;
        }
        finish(cpu);
        set(cpu, insn.reg, low, high);
    }

    private static long neighbours(SimdUnit unit, int operation, long value) {
        return lane32(unit, operation, value & MASK_32, value >>> 32, 0);
    }

    /** ADDSUBPS and ADDSUBPD: the even lanes are subtracted. */
    private static void addAndSubtract(Cpu cpu, Insn insn, int prefix) {
        load(cpu, insn);
        SimdUnit unit = cpu.simd;
        unit.begin(cpu.fpu.mxcsr);
        long a = cpu.fpu.xmm[2 * insn.reg];
        long b = cpu.fpu.xmm[2 * insn.reg + 1];
        long low;
        long high;
        if (prefix == SseTable.P66) {
            low = DoubleLanes.subtract(unit, a, unit.low);
            high = DoubleLanes.add(unit, b, unit.high);
        } else {
            low = subtractAndAdd(unit, a, unit.low);
            high = subtractAndAdd(unit, b, unit.high);
        }
        finish(cpu);
        set(cpu, insn.reg, low, high);
    }

    private static long subtractAndAdd(SimdUnit unit, long a, long b) {
        return SingleLanes.subtract(unit, a & MASK_32, b & MASK_32) | SingleLanes.add(unit, a >>> 32, b >>> 32) << 32;
    }
}
