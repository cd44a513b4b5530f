package jkvm.soft.cpu;

import jkvm.soft.fpu.Float80;
import jkvm.soft.fpu.Float80Conversions;
import jkvm.soft.fpu.FpuState;
import jkvm.soft.fpu.LegacyImage;
import jkvm.soft.fpu.X87;
import jkvm.soft.fpu.X87Stack;
import jkvm.soft.mmu.GuestException;
import jkvm.soft.mmu.Mmu;

/**
 * The x87 instructions with a memory operand. Memory is accessed before any register changes, so that a fault leaves
 * all as it was; a store whose exception is not masked does not touch its operand, and so raises no fault for it.
 */
final class X87MemoryOps {
    private X87MemoryOps() {
    }

    static void execute(Cpu cpu, Insn insn) {
        int kind = insn.modrm >> 3 & 7;
        switch (insn.opcode) {
            case 0xD8, 0xDA, 0xDC, 0xDE -> arithmetic(cpu, insn, kind);
            case 0xD9 -> {
                if (kind >= 4) {
                    control(cpu, insn, kind);
                } else {
                    move(cpu, insn, kind, 4, false);
                }
            }
            case 0xDB -> {
                if (kind < 4) {
                    move(cpu, insn, kind, 4, true);
                } else {
                    extended(cpu, insn, kind);
                }
            }
            case 0xDD -> {
                if (kind >= 4) {
                    state(cpu, insn, kind);
                } else {
                    move(cpu, insn, kind, 8, kind == 1);
                }
            }
            default -> {
                if (kind < 4) {
                    move(cpu, insn, kind, 2, true);
                } else {
                    decimal(cpu, insn, kind);
                }
            }
        }
    }

    /** Notes this instruction and its operand as the last ones. */
    private static void note(Cpu cpu, Insn insn) {
        FpuState fpu = cpu.fpu;
        X87Ops.note(cpu, fpu, insn);
        fpu.lastData = Operands.offset(cpu, insn);
        int segment = insn.segment >= 0 ? insn.segment : insn.stack ? Segment.SS : Segment.DS;
        fpu.lastDataSelector = cpu.segments[segment].selector;
    }

    private static void arithmetic(Cpu cpu, Insn insn, int kind) {
        X87Ops.raisePending(cpu);
        FpuState fpu = cpu.fpu;
        Float80 unit = fpu.unit;
        switch (insn.opcode) {
            case 0xD8 -> Float80Conversions.operandFromFloat(unit, (int) cpu.mmu.load32(source(cpu, insn, 4)));
            case 0xDA -> unit.fromLong((int) cpu.mmu.load32(source(cpu, insn, 4)));
            case 0xDC -> Float80Conversions.operandFromDouble(unit, cpu.mmu.load64(source(cpu, insn, 8)));
            default -> unit.fromLong((short) cpu.mmu.load16(source(cpu, insn, 2)));
        }
        note(cpu, insn);
        if (kind == 2 || kind == 3) {
            X87.compareWithMemory(fpu, kind - 2);
        } else {
            X87.arithmeticWithMemory(fpu, kind);
        }
    }

    private static long source(Cpu cpu, Insn insn, int size) {
        return Operands.address(cpu, insn, size, false);
    }

    private static long destination(Cpu cpu, Insn insn, int size) {
        return Operands.address(cpu, insn, size, true);
    }

    /** Reads the image of FLDENV or FRSTOR in parts of the operand size, which is what alignment is checked by. */
    private static void loadLegacy(Cpu cpu, Insn insn, int size) {
        int unit = insn.size == 2 ? 2 : 4;
        cpu.mmu.probeRead(source(cpu, insn, unit), unit);
        long address = source(cpu, insn, size);
        byte[] image = cpu.fpu.image;
        for (int i = 0; i < size; i += unit) {
            long part = Operands.load(cpu.mmu, address + i, unit);
            for (int j = 0; j < unit; j++) {
                image[i + j] = (byte) (part >> 8 * j);
            }
        }
    }

    /** Writes the image of FNSTENV or FNSAVE: checked whole, so that a fault writes nothing. */
    private static void storeLegacy(Cpu cpu, Insn insn, int size) {
        int unit = insn.size == 2 ? 2 : 4;
        cpu.mmu.probeWrite(destination(cpu, insn, unit), unit);
        long address = destination(cpu, insn, size);
        byte[] image = cpu.fpu.image;
        cpu.mmu.probeWrite(address, size);
        for (int i = 0; i < size; i += unit) {
            long part = image[i] & 0xFF | (image[i + 1] & 0xFF) << 8;
            if (unit == 2) {
                cpu.mmu.store16(address + i, part);
            } else {
                cpu.mmu.store32(address + i, part | (long) (image[i + 2] & 0xFF) << 16 | (long) image[i + 3] << 24);
            }
        }
    }

    /** FLD and FILD (kind 0), FISTTP (1), FST and FIST (2), FSTP and FISTP (3) of 2, 4 or 8 bytes. */
    private static void move(Cpu cpu, Insn insn, int kind, int size, boolean integer) {
        if (kind == 1 && (!integer || (cpu.features & Feature.SSE3) == 0)) {
            throw cpu.fault.of(GuestException.UD);
        }
        X87Ops.raisePending(cpu);
        if (kind == 0) {
            load(cpu, insn, size, integer);
        } else if (integer) {
            storeInteger(cpu, insn, size, kind == 1, kind != 2);
        } else {
            storeNumber(cpu, insn, size, kind == 3);
        }
    }

    private static void load(Cpu cpu, Insn insn, int size, boolean integer) {
        FpuState fpu = cpu.fpu;
        long bits = Operands.load(cpu.mmu, source(cpu, insn, size), size);
        note(cpu, insn);
        if (integer) {
            fpu.unit.fromLong(Operands.sign(bits, size));
        } else if (size == 4) {
            Float80Conversions.fromFloat(fpu.unit, (int) bits);
        } else {
            Float80Conversions.fromDouble(fpu.unit, bits);
        }
        X87.load(fpu);
    }

    private static void storeNumber(Cpu cpu, Insn insn, int size, boolean pop) {
        FpuState fpu = cpu.fpu;
        long bits;
        if (X87Stack.isEmpty(fpu, 0)) {
            fpu.unit.stackUnderflow();
            bits = size == 4 ? 0xFFC00000L : 0xFFF8000000000000L;
        } else if (size == 4) {
            bits = Float80Conversions.toFloat(fpu.unit, X87Stack.significand(fpu, 0), X87Stack.exponent(fpu, 0),
                    fpu.control);
        } else {
            bits = Float80Conversions.toDouble(fpu.unit, X87Stack.significand(fpu, 0), X87Stack.exponent(fpu, 0),
                    fpu.control);
        }
        finishStore(cpu, insn, size, bits, pop);
    }

    private static void storeInteger(Cpu cpu, Insn insn, int size, boolean truncate, boolean pop) {
        FpuState fpu = cpu.fpu;
        long value;
        if (X87Stack.isEmpty(fpu, 0)) {
            fpu.unit.stackUnderflow();
            value = -1L << 8 * size - 1;
        } else {
            value = Float80Conversions.toInteger(fpu.unit, X87Stack.significand(fpu, 0), X87Stack.exponent(fpu, 0),
                    8 * size, truncate, fpu.control);
        }
        finishStore(cpu, insn, size, value, pop);
    }

    private static void finishStore(Cpu cpu, Insn insn, int size, long bits, boolean pop) {
        FpuState fpu = cpu.fpu;
        if (Float80Conversions.mayStore(fpu.unit, fpu.control)) {
            Operands.store(cpu.mmu, destination(cpu, insn, size), size, bits);
        }
        note(cpu, insn);
        if (X87.settleStore(fpu) && pop) {
            X87Stack.pop(fpu);
        }
    }

    /** FLD m80 (5) and FSTP m80 (7). */
    private static void extended(Cpu cpu, Insn insn, int kind) {
        if (kind == 4 || kind == 6) {
            throw cpu.fault.of(GuestException.UD);
        }
        X87Ops.raisePending(cpu);
        FpuState fpu = cpu.fpu;
        if (kind == 5) {
            long address = source(cpu, insn, 10);
            long significand = cpu.mmu.load64(address);
            int exponent = (int) cpu.mmu.load16(address + 8);
            note(cpu, insn);
            X87.load(fpu, significand, exponent);
            return;
        }
        fpu.unit.flags = 0;
        long significand = X87Stack.significand(fpu, 0);
        int exponent = X87Stack.exponent(fpu, 0);
        if (X87Stack.isEmpty(fpu, 0)) {
            fpu.unit.stackUnderflow();
            significand = Float80.DEFAULT_NAN;
            exponent = Float80.DEFAULT_NAN_EXPONENT;
        }
        storeTen(cpu, insn, significand, exponent);
    }

    private static void storeTen(Cpu cpu, Insn insn, long low, int high) {
        FpuState fpu = cpu.fpu;
        if (Float80Conversions.mayStore(fpu.unit, fpu.control)) {
            // The significand's faults come first, with those of its alignment; then the segment's limit or the second
            // page
            long address = destination(cpu, insn, 8);
            if (insn.segment >= 0 || (address & 0xFFF) > 0x1000 - 10) {
                cpu.mmu.probeWrite(address, 8);
                destination(cpu, insn, 10);
                cpu.mmu.probeWrite(address, 10);
            }
            cpu.mmu.store64(address, low);
            cpu.mmu.store16(address + 8, high);
        }
        note(cpu, insn);
        if (X87.settleStore(fpu)) {
            X87Stack.pop(fpu);
        }
    }

    /** FBLD (4), FILD m64 (5), FBSTP (6), FISTP m64 (7). */
    private static void decimal(Cpu cpu, Insn insn, int kind) {
        X87Ops.raisePending(cpu);
        FpuState fpu = cpu.fpu;
        switch (kind) {
            case 4 -> {
                long address = source(cpu, insn, 10);
                long low = cpu.mmu.load64(address);
                int high = (int) cpu.mmu.load16(address + 8);
                note(cpu, insn);
                Float80Conversions.fromBcd(fpu.unit, low, high);
                X87.load(fpu);
            }
            case 5 -> load(cpu, insn, 8, true);
            case 6 -> storeDecimal(cpu, insn);
            default -> storeInteger(cpu, insn, 8, false, true);
        }
    }

    private static void storeDecimal(Cpu cpu, Insn insn) {
        FpuState fpu = cpu.fpu;
        long magnitude = -1;
        int sign = 0;
        if (X87Stack.isEmpty(fpu, 0)) {
            fpu.unit.stackUnderflow();
        } else {
            sign = X87Stack.exponent(fpu, 0) & Float80.SIGN;
            magnitude = Float80Conversions.toBcdMagnitude(fpu.unit, X87Stack.significand(fpu, 0),
                    X87Stack.exponent(fpu, 0), fpu.control);
        }
        if (magnitude < 0) {
            storeTen(cpu, insn, Float80Conversions.BCD_INDEFINITE_LOW, Float80Conversions.BCD_INDEFINITE_HIGH);
        } else {
            storeTen(cpu, insn, Float80Conversions.bcdDigits(magnitude % Float80Conversions.SIXTEEN_DIGITS),
                    sign | (int) Float80Conversions.bcdDigits(magnitude / Float80Conversions.SIXTEEN_DIGITS));
        }
    }

    /** FLDENV (4), FLDCW (5), FNSTENV (6), FNSTCW (7): no arithmetic, so not noted as the last instruction. */
    private static void control(Cpu cpu, Insn insn, int kind) {
        FpuState fpu = cpu.fpu;
        switch (kind) {
            case 4 -> {
                X87Ops.raisePending(cpu);
                boolean wide = insn.size != 2;
                int size = LegacyImage.environmentSize(wide);
                loadLegacy(cpu, insn, size);
                LegacyImage.restoreEnvironment(fpu, fpu.image, wide, isProtected(cpu));
            }
            case 5 -> {
                X87Ops.raisePending(cpu);
                fpu.controlWord((int) cpu.mmu.load16(source(cpu, insn, 2)));
            }
            case 6 -> {
                boolean wide = insn.size != 2;
                int size = LegacyImage.environmentSize(wide);
                LegacyImage.saveEnvironment(fpu, fpu.image, wide, isProtected(cpu));
                storeLegacy(cpu, insn, size);
                fpu.control |= FpuState.EXCEPTIONS;
            }
            default -> cpu.mmu.store16(Operands.address(cpu, insn, 2, true), fpu.control);
        }
    }

    /** FRSTOR (4), FNSAVE (6), FNSTSW m16 (7). */
    private static void state(Cpu cpu, Insn insn, int kind) {
        FpuState fpu = cpu.fpu;
        boolean wide = insn.size != 2;
        int environment = LegacyImage.environmentSize(wide);
        int size = environment + LegacyImage.REGISTERS_SIZE;
        switch (kind) {
            case 4 -> {
                X87Ops.raisePending(cpu);
                loadLegacy(cpu, insn, size);
                LegacyImage.restoreEnvironment(fpu, fpu.image, wide, isProtected(cpu));
                LegacyImage.restoreRegisters(fpu, fpu.image, environment);
            }
            case 6 -> {
                LegacyImage.saveEnvironment(fpu, fpu.image, wide, isProtected(cpu));
                LegacyImage.saveRegisters(fpu, fpu.image, environment);
                storeLegacy(cpu, insn, size);
                fpu.initialiseX87();
            }
            case 7 -> cpu.mmu.store16(Operands.address(cpu, insn, 2, true), fpu.statusWord());
            default -> throw cpu.fault.of(GuestException.UD);
        }
    }

    private static boolean isProtected(Cpu cpu) {
        return (cpu.cr0 & Cpu.CR0_PE) != 0 && (cpu.systemFlags & Cpu.VM) == 0;
    }

    /** Reads an image whose size is even. */
    static void loadImage(Mmu mmu, long address, byte[] image, int size) {
        int i = 0;
        for (; i + 8 <= size; i += 8) {
            FpuState.putLong(image, i, mmu.load64(address + i));
        }
        for (; i < size; i++) {
            image[i] = (byte) mmu.load8(address + i);
        }
    }

    /** Writes bytes {@code from} to {@code to} of an image to the same offsets from {@code address}. */
    static void storeImage(Mmu mmu, long address, byte[] image, int from, int to) {
        int i = from;
        for (; i + 8 <= to; i += 8) {
            mmu.store64(address + i, FpuState.getLong(image, i));
        }
        for (; i < to; i++) {
            mmu.store8(address + i, image[i] & 0xFF);
        }
    }
}
