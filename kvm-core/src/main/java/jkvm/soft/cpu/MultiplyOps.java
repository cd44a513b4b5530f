package jkvm.soft.cpu;

import static jkvm.soft.cpu.Operands.load;
import static jkvm.soft.cpu.Operands.register;
import static jkvm.soft.cpu.Operands.setRegister;
import static jkvm.soft.cpu.Operands.sign;
import static jkvm.soft.cpu.Operands.unsigned;

import jkvm.soft.fpu.WideIntegers;
import jkvm.soft.mmu.GuestException;

/**
 * Multiplication and division. Of the flags that the manuals leave undefined, AMD's multiplication leaves SF, ZF, AF
 * and PF alone, and its division sets AF, clears SF, ZF and PF and leaves CF and OF alone.
 */
final class MultiplyOps {
    private MultiplyOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.MUL -> multiply(cpu, in, false);
            case Op.IMUL1 -> multiply(cpu, in, true);
            case Op.DIV, Op.IDIV -> divide(cpu, in);
            case Op.IMUL2 -> multiplyTo(cpu, in, register(cpu, in.dst, in.size), Operands.source(cpu, in));
            default -> multiplyTo(cpu, in, factor(cpu, in), in.imm);
        }
    }

    /** Register or memory of an instruction that has an immediate too, or one operand alone; sign-extended. */
    private static long factor(Cpu cpu, Insn in) {
        if (in.memory != 0) {
            return sign(load(cpu.mmu, Operands.address(cpu, in, in.size, false), in.size), in.size);
        }
        return register(cpu, in.op == Op.IMUL3 ? in.src : in.dst, in.size);
    }

    private static void multiplyTo(Cpu cpu, Insn in, long x, long y) {
        long low = x * y;
        boolean overflow = in.size == 8 ? Math.multiplyHigh(x, y) != low >> 63 : low != sign(low, in.size);
        setRegister(cpu, in.dst, in.size, low);
        setOverflow(cpu, overflow);
    }

    private static void setOverflow(Cpu cpu, boolean overflow) {
        Flags.change(cpu, Cpu.CF | Cpu.OF, overflow ? Cpu.CF | Cpu.OF : 0);
    }

    private static void multiply(Cpu cpu, Insn in, boolean signed) {
        int size = in.size;
        long[] r = cpu.r;
        long x = sign(r[Cpu.RAX], size);
        long y = factor(cpu, in);
        if (size == 8) {
            long high = signed ? Math.multiplyHigh(x, y) : Math.unsignedMultiplyHigh(x, y);
            long low = x * y;
            r[Cpu.RAX] = low;
            r[Cpu.RDX] = high;
            setOverflow(cpu, high != (signed ? low >> 63 : 0));
            return;
        }
        long product = signed ? x * y : unsigned(x, size) * unsigned(y, size);
        if (size == 1) {
            setRegister(cpu, Cpu.RAX, 2, product);
        } else {
            setRegister(cpu, Cpu.RAX, size, product);
            setRegister(cpu, Cpu.RDX, size, product >>> 8 * size);
        }
        setOverflow(cpu, signed ? product != sign(product, size) : product >>> 8 * size != 0);
    }

    private static void divide(Cpu cpu, Insn in) {
        boolean signed = in.op == Op.IDIV;
        int size = in.size;
        long divisor = factor(cpu, in);
        if (divisor == 0) {
            throw cpu.fault.of(GuestException.DE);
        }
        if (size == 8) {
            divide64(cpu, divisor, signed);
        } else {
            divideSmall(cpu, size, divisor, signed);
        }
        Flags.change(cpu, Cpu.SF | Cpu.ZF | Cpu.AF | Cpu.PF, Cpu.AF);
    }

    private static void divideSmall(Cpu cpu, int size, long divisor, boolean signed) {
        long[] r = cpu.r;
        int bits = 8 * size;
        long pair = r[Cpu.RDX] << bits | unsigned(r[Cpu.RAX], size);
        long dividend = size == 1 ? (short) r[Cpu.RAX] : size == 2 ? (int) pair : pair;
        long quotient;
        long remainder;
        if (signed) {
            if (dividend == Long.MIN_VALUE && divisor == -1) {
                throw cpu.fault.of(GuestException.DE);
            }
            quotient = dividend / divisor;
            remainder = dividend % divisor;
            if (quotient != sign(quotient, size)) {
                throw cpu.fault.of(GuestException.DE);
            }
        } else {
            long d = unsigned(divisor, size);
            long n = size == 4 ? dividend : unsigned(dividend, size * 2);
            quotient = Long.divideUnsigned(n, d);
            remainder = Long.remainderUnsigned(n, d);
            if (quotient >>> bits != 0) {
                throw cpu.fault.of(GuestException.DE);
            }
        }
        if (size == 1) {
            setRegister(cpu, Cpu.RAX, 2, quotient & 0xFF | (remainder & 0xFF) << 8);
        } else {
            setRegister(cpu, Cpu.RAX, size, quotient);
            setRegister(cpu, Cpu.RDX, size, remainder);
        }
    }

    /** Divides RDX:RAX: the magnitudes, then the signs. */
    private static void divide64(Cpu cpu, long divisor, boolean signed) {
        long high = cpu.r[Cpu.RDX];
        long low = cpu.r[Cpu.RAX];
        boolean negativeDividend = signed && high < 0;
        boolean negative = signed && high < 0 != divisor < 0;
        if (negativeDividend) {
            low = -low;
            high = ~high + (low == 0 ? 1 : 0);
        }
        long d = signed && divisor < 0 ? -divisor : divisor;
        if (Long.compareUnsigned(high, d) >= 0) {
            throw cpu.fault.of(GuestException.DE);
        }
        long quotient = high == 0 ? Long.divideUnsigned(low, d) : divide128(high, low, d);
        long remainder = low - quotient * d;
        if (signed && (negative ? Long.compareUnsigned(quotient, Long.MIN_VALUE) > 0 : quotient < 0)) {
            throw cpu.fault.of(GuestException.DE);
        }
        cpu.r[Cpu.RAX] = negative ? -quotient : quotient;
        cpu.r[Cpu.RDX] = negativeDividend ? -remainder : remainder;
    }

    /** Quotient of high:low by d, unsigned, high less than d. */
    static long divide128(long high, long low, long d) {
        int shift = Long.numberOfLeadingZeros(d);
        long normal = shift == 0 ? high : high << shift | low >>> 64 - shift;
        return WideIntegers.divide128(normal, low << shift, d << shift);
    }
}
