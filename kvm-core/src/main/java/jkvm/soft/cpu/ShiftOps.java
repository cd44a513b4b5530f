package jkvm.soft.cpu;

import static jkvm.soft.cpu.Operands.changedAddress;
import static jkvm.soft.cpu.Operands.load;
import static jkvm.soft.cpu.Operands.register;
import static jkvm.soft.cpu.Operands.setRegister;
import static jkvm.soft.cpu.Operands.sign;
import static jkvm.soft.cpu.Operands.store;
import static jkvm.soft.cpu.Operands.unsigned;

/**
 * Shifts and rotates. A count of 0 changes no flag, but memory is written all the same. For counts above 1, where the
 * manuals leave OF undefined, it is computed as for the last of that many single shifts; AF is set.
 */
final class ShiftOps {
    private ShiftOps() {
    }

    static void shift(Cpu cpu, Insn in) {
        int size = in.size;
        int count = (int) (in.src >= 0 ? cpu.r[Cpu.RCX] : in.imm) & (size == 8 ? 63 : 31);
        long address = in.memory == 1 ? changedAddress(cpu, in) : 0;
        long x = destination(cpu, in, address);
        int bits = size * 8;
        boolean oldCarry = Flags.carry(cpu);
        long result = compute(in.op, x, count, bits, oldCarry);
        setDestination(cpu, in, address, result);
        if (count != 0) {
            flags(cpu, in.op, x, sign(result, size), count, size, oldCarry);
        }
    }

    private static long destination(Cpu cpu, Insn in, long address) {
        return in.memory == 1 ? load(cpu.mmu, address, in.size) : unsigned(register(cpu, in.dst, in.size), in.size);
    }

    private static void setDestination(Cpu cpu, Insn in, long address, long result) {
        if (in.memory == 1) {
            store(cpu.mmu, address, in.size, result);
        } else {
            setRegister(cpu, in.dst, in.size, result);
        }
    }

    private static long compute(int op, long x, int count, int bits, boolean carry) {
        return switch (op) {
            case Op.SHL, Op.SAL -> x << count;
            case Op.SHR -> x >>> count;
            case Op.SAR -> sign(x, bits >> 3) >> count;
            case Op.ROL -> rotateLeft(x, count & bits - 1, bits);
            case Op.ROR -> rotateLeft(x, bits - count & bits - 1, bits);
            case Op.RCL -> rotateThroughCarry(x, count % (bits + 1), bits, carry);
            default -> rotateThroughCarry(x, (bits + 1 - count % (bits + 1)) % (bits + 1), bits, carry);
        };
    }

    private static long rotateLeft(long x, int count, int bits) {
        return count == 0 ? x : x << count | x >>> bits - count;
    }

    /** Rotates the operand and CF above it to the left, as one number of bits + 1 bits; gives the operand's part. */
    private static long rotateThroughCarry(long x, int count, int bits, boolean carry) {
        if (count == 0) {
            return x;
        }
        long c = carry ? 1L << count - 1 : 0;
        long high = count >= 64 ? 0 : x << count;
        long low = count == 1 ? 0 : x >>> bits + 1 - count;
        return high | c | low;
    }

    private static void flags(Cpu cpu, int op, long x, long result, int count, int size, boolean oldCarry) {
        int bits = size * 8;
        boolean top = result < 0;
        boolean nextTop = (result >> bits - 2 & 1) != 0;
        boolean carry;
        boolean overflow;
        switch (op) {
            case Op.SHL, Op.SAL -> {
                carry = count <= bits && (x >>> bits - count & 1) != 0;
                overflow = top != carry;
            }
            case Op.SHR -> {
                carry = (x >>> count - 1 & 1) != 0;
                overflow = top != nextTop;
                overflow = count == 1 ? sign(x, size) < 0 : overflow;
            }
            case Op.SAR -> {
                carry = (sign(x, size) >> count - 1 & 1) != 0;
                overflow = false;
            }
            case Op.ROL -> {
                carry = (result & 1) != 0;
                overflow = top != carry;
            }
            case Op.ROR -> {
                carry = top;
                overflow = top != nextTop;
            }
            case Op.RCL -> {
                int n = count % (bits + 1);
                carry = n == 0 ? oldCarry : (x >>> bits - n & 1) != 0;
                overflow = top != carry;
            }
            default -> {
                int n = count % (bits + 1);
                carry = n == 0 ? oldCarry : (x >>> n - 1 & 1) != 0;
                overflow = top != nextTop;
            }
        }
        int flags = (carry ? Cpu.CF : 0) | (overflow ? Cpu.OF : 0);
        if (op <= Op.RCR) {
            Flags.change(cpu, Cpu.CF | Cpu.OF, flags);
        } else {
            Flags.setMisc(cpu, flags | Cpu.AF, result);
        }
    }

    /** SHLD and SHRD. 16 bits shifted by more than 16 take the source's bits in twice. */
    static void shiftDouble(Cpu cpu, Insn in) {
        int size = in.size;
        int bits = size * 8;
        int count = (int) (in.imm < 0 ? cpu.r[Cpu.RCX] : in.imm) & (size == 8 ? 63 : 31);
        long source = unsigned(register(cpu, in.src, size), size);
        long address = in.memory == 1 ? changedAddress(cpu, in) : 0;
        long x = destination(cpu, in, address);
        boolean left = in.op == Op.SHLD;
        long result = count == 0 ? x : sign(combine(x, source, count, bits, left), size);
        setDestination(cpu, in, address, result);
        if (count == 0) {
            return;
        }
        long before = count == 1 ? sign(x, size) : sign(combine(x, source, count - 1, bits, left), size);
        boolean carry = left ? before < 0 : (before & 1) != 0;
        boolean overflow = before < 0 != result < 0;
        Flags.setMisc(cpu, (carry ? Cpu.CF : 0) | (overflow ? Cpu.OF : 0) | Cpu.AF, result);
    }

    private static long combine(long x, long source, int count, int bits, boolean left) {
        if (bits == 16) {
            long three = left ? x << 32 | source << 16 | source : source << 32 | source << 16 | x;
            return left ? three << count >>> 32 : three >>> count;
        }
        return left ? x << count | source >>> bits - count : x >>> count | source << bits - count;
    }
}
