package jkvm.soft.cpu;

import static jkvm.soft.cpu.SseOperands.isMemory;
import static jkvm.soft.cpu.SseOperands.load;
import static jkvm.soft.cpu.SseOperands.load32;
import static jkvm.soft.cpu.SseOperands.load64;
import static jkvm.soft.cpu.SseOperands.set;
import static jkvm.soft.cpu.SseOperands.set32;

import jkvm.soft.fpu.Conversion;
import jkvm.soft.fpu.SimdUnit;

/** SSE's conversions of map 0F: among XMM, general and MMX registers. */
final class SseConversions {
    private static final long MASK_32 = 0xFFFFFFFFL;

    private SseConversions() {
    }

    static void execute(Cpu cpu, Insn insn, int prefix) {
        switch (insn.opcode & 0xFF) {
            case 0x2A -> {
                if (prefix >= SseTable.F3) {
                    fromGeneral(cpu, insn, prefix);
                } else {
                    fromMmx(cpu, insn, prefix);
                }
            }
            case 0x2C, 0x2D -> {
                boolean truncate = (insn.opcode & 1) == 0;
                if (prefix >= SseTable.F3) {
                    toGeneral(cpu, insn, prefix, truncate);
                } else {
                    toMmx(cpu, insn, prefix, truncate);
                }
            }
            case 0x5A -> betweenPrecisions(cpu, insn, prefix);
            case 0x5B -> singlesAndIntegers(cpu, insn, prefix);
            default -> doublesAndIntegers(cpu, insn, prefix);
        }
    }

    /** CVTSI2SS and CVTSI2SD. */
    private static void fromGeneral(Cpu cpu, Insn insn, int prefix) {
        long operand = SseOperands.loadGeneral(cpu, insn);
        long value = SseOperands.isWide(insn) ? operand : (int) operand;
        cpu.simd.begin(cpu.fpu.mxcsr);
        if (prefix == SseTable.F2) {
            long result = Conversion.integerToDouble(cpu.simd, value);
            SseFloatOps.finish(cpu);
            cpu.fpu.xmm[2 * insn.reg] = result;
        } else {
            long result = Conversion.integerToSingle(cpu.simd, value);
            SseFloatOps.finish(cpu);
            set32(cpu, insn.reg, result);
        }
    }

    /** CVTSS2SI, CVTSD2SI, CVTTSS2SI, CVTTSD2SI. */
    private static void toGeneral(Cpu cpu, Insn insn, int prefix, boolean truncate) {
        boolean wide = SseOperands.isWide(insn);
        SimdUnit unit = cpu.simd;
        long result;
        if (prefix == SseTable.F2) {
            long value = load64(cpu, insn);
            begin(cpu, truncate);
            result = wide ? Conversion.doubleToLong(unit, value) : Conversion.doubleToInt(unit, value);
        } else {
            long value = load32(cpu, insn);
            begin(cpu, truncate);
            result = wide ? Conversion.singleToLong(unit, value) : Conversion.singleToInt(unit, value);
        }
        SseFloatOps.finish(cpu);
        cpu.r[insn.reg] = result;
    }

    private static void begin(Cpu cpu, boolean truncate) {
        cpu.simd.begin(cpu.fpu.mxcsr);
        if (truncate) {
            cpu.simd.useRounding(SimdUnit.TO_ZERO);
        }
    }

    /**
     * CVTPI2PS and CVTPI2PD; they leave the x87 alone if the source is memory. The manuals say so of the latter only;
     * silicon (Intel family 6) does it with both.
     */
    private static void fromMmx(Cpu cpu, Insn insn, int prefix) {
        boolean entersMmx = !isMemory(insn);
        if (entersMmx) {
            MmxOps.check(cpu);
        }
        long value = isMemory(insn) ? load64(cpu, insn) : MmxOps.read(cpu, insn.rm);
        if (entersMmx) {
            MmxOps.enter(cpu);
        }
        SimdUnit unit = cpu.simd;
        unit.begin(cpu.fpu.mxcsr);
        if (prefix == SseTable.P66) {
            set(cpu, insn.reg, Conversion.integerToDouble(unit, (int) value),
                    Conversion.integerToDouble(unit, value >> 32));
        } else {
            long result = integersToSingles(unit, value);
            SseFloatOps.finish(cpu);
            cpu.fpu.xmm[2 * insn.reg] = result;
        }
    }

    /** CVTPS2PI, CVTPD2PI, CVTTPS2PI, CVTTPD2PI. An SSE exception finds the x87 in MMX state already. */
    private static void toMmx(Cpu cpu, Insn insn, int prefix, boolean truncate) {
        MmxOps.check(cpu);
        SimdUnit unit = cpu.simd;
        long result;
        if (prefix == SseTable.P66) {
            load(cpu, insn);
            MmxOps.enter(cpu);
            begin(cpu, truncate);
            result = Conversion.doubleToInt(unit, unit.low) | Conversion.doubleToInt(unit, unit.high) << 32;
        } else {
            long value = load64(cpu, insn);
            MmxOps.enter(cpu);
            begin(cpu, truncate);
            result = singlesToIntegers(unit, value);
        }
        SseFloatOps.finish(cpu);
        MmxOps.write(cpu, insn.reg, result);
    }

    /** CVTPS2PD, CVTPD2PS, CVTSS2SD, CVTSD2SS. */
    private static void betweenPrecisions(Cpu cpu, Insn insn, int prefix) {
        SimdUnit unit = cpu.simd;
        switch (prefix) {
            case SseTable.F3 -> {
                long value = load32(cpu, insn);
                unit.begin(cpu.fpu.mxcsr);
                long result = Conversion.singleToDouble(unit, value);
                SseFloatOps.finish(cpu);
                cpu.fpu.xmm[2 * insn.reg] = result;
            }
            case SseTable.F2 -> {
                long value = load64(cpu, insn);
                unit.begin(cpu.fpu.mxcsr);
                long result = Conversion.doubleToSingle(unit, value);
                SseFloatOps.finish(cpu);
                set32(cpu, insn.reg, result);
            }
            case SseTable.P66 -> {
                load(cpu, insn);
                unit.begin(cpu.fpu.mxcsr);
                long result = Conversion.doubleToSingle(unit, unit.low)
                        | Conversion.doubleToSingle(unit, unit.high) << 32;
                SseFloatOps.finish(cpu);
                set(cpu, insn.reg, result, 0);
            }
            default -> {
                long value = load64(cpu, insn);
                unit.begin(cpu.fpu.mxcsr);
                long low = Conversion.singleToDouble(unit, value & MASK_32);
                long high = Conversion.singleToDouble(unit, value >>> 32);
                SseFloatOps.finish(cpu);
                set(cpu, insn.reg, low, high);
            }
        }
    }

    /** CVTDQ2PS, CVTPS2DQ, CVTTPS2DQ. */
    private static void singlesAndIntegers(Cpu cpu, Insn insn, int prefix) {
        load(cpu, insn);
        SimdUnit unit = cpu.simd;
        begin(cpu, prefix == SseTable.F3);
        long low;
        long high;
        if (prefix == SseTable.NONE) {
            low = integersToSingles(unit, unit.low);
            high = integersToSingles(unit, unit.high);
        } else {
            low = singlesToIntegers(unit, unit.low);
            high = singlesToIntegers(unit, unit.high);
        }
        SseFloatOps.finish(cpu);
        set(cpu, insn.reg, low, high);
    }

    /** CVTDQ2PD, CVTPD2DQ, CVTTPD2DQ. */
    private static void doublesAndIntegers(Cpu cpu, Insn insn, int prefix) {
        SimdUnit unit = cpu.simd;
        if (prefix == SseTable.F3) {
            long value = load64(cpu, insn);
            set(cpu, insn.reg, Conversion.integerToDouble(unit, (int) value),
                    Conversion.integerToDouble(unit, value >> 32));
            return;
        }
        load(cpu, insn);
        begin(cpu, prefix == SseTable.P66);
        long result = Conversion.doubleToInt(unit, unit.low) | Conversion.doubleToInt(unit, unit.high) << 32;
        SseFloatOps.finish(cpu);
        set(cpu, insn.reg, result, 0);
    }

    private static long integersToSingles(SimdUnit unit, long value) {
        return Conversion.integerToSingle(unit, (int) value) | Conversion.integerToSingle(unit, value >> 32) << 32;
    }

    private static long singlesToIntegers(SimdUnit unit, long value) {
        return Conversion.singleToInt(unit, value & MASK_32) | Conversion.singleToInt(unit, value >>> 32) << 32;
    }
}
