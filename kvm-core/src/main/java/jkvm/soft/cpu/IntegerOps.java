package jkvm.soft.cpu;

import static jkvm.soft.cpu.Operands.changedAddress;
import static jkvm.soft.cpu.Operands.destination;
import static jkvm.soft.cpu.Operands.load;
import static jkvm.soft.cpu.Operands.register;
import static jkvm.soft.cpu.Operands.setDestination;
import static jkvm.soft.cpu.Operands.setRegister;
import static jkvm.soft.cpu.Operands.sign;
import static jkvm.soft.cpu.Operands.source;
import static jkvm.soft.cpu.Operands.store;
import static jkvm.soft.cpu.Operands.unsigned;

import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import jkvm.soft.mmu.GuestException;

/**
 * Integer instructions in all sizes and forms. The loop of {@link Interpreter} executes the common forms itself; the
 * rest comes here. Memory is accessed first, registers and flags change after.
 */
final class IntegerOps {
    private IntegerOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.ADD, Op.OR, Op.ADC, Op.SBB, Op.AND, Op.SUB, Op.XOR -> binary(cpu, in);
            case Op.CMP -> {
                long x = destination(cpu, in);
                long y = source(cpu, in);
                Flags.set(cpu, Flags.SUB, x, y, sign(x - y, in.size));
            }
            case Op.TEST -> Flags.set(cpu, Flags.LOGIC, 0, 0, destination(cpu, in) & source(cpu, in));
            case Op.MOV -> setDestination(cpu, in, source(cpu, in));
            case Op.LEA -> setRegister(cpu, in.dst, in.size, Operands.offset(cpu, in));
            case Op.INC, Op.DEC, Op.NOT, Op.NEG -> unary(cpu, in);
            case Op.MUL, Op.IMUL1, Op.DIV, Op.IDIV, Op.IMUL2, Op.IMUL3 -> MultiplyOps.execute(cpu, in);
            case Op.MOVZX8 -> setRegister(cpu, in.dst, in.size, source(cpu, in, 1));
            case Op.MOVZX16 -> setRegister(cpu, in.dst, in.size, source(cpu, in, 2));
            case Op.MOVSX8 -> setRegister(cpu, in.dst, in.size, (byte) source(cpu, in, 1));
            case Op.MOVSX16 -> setRegister(cpu, in.dst, in.size, (short) source(cpu, in, 2));
            case Op.MOVSXD -> setRegister(cpu, in.dst, in.size, (int) source(cpu, in, in.size == 2 ? 2 : 4));
            case Op.CMOV -> {
                long value = source(cpu, in);
                setRegister(cpu, in.dst, in.size,
                        Flags.condition(cpu, in.condition) ? value : register(cpu, in.dst, in.size));
            }
            case Op.SETCC -> setDestination(cpu, in, Flags.condition(cpu, in.condition) ? 1 : 0);
            case Op.CBW -> setRegister(cpu, Cpu.RAX, in.size, sign(cpu.r[Cpu.RAX], in.size >> 1));
            case Op.CWD -> setRegister(cpu, Cpu.RDX, in.size, sign(cpu.r[Cpu.RAX], in.size) >> 63);
            default -> rest(cpu, in);
        }
    }

    private static void rest(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.XCHG, Op.XADD, Op.CMPXCHG, Op.CMPXCHG8B -> ExchangeOps.execute(cpu, in);
            case Op.BSWAP -> {
                long v = cpu.r[in.dst];
                setRegister(cpu, in.dst, in.size,
                        in.size == 8 ? Long.reverseBytes(v) : in.size == 4 ? Integer.reverseBytes((int) v) : 0);
            }
            case Op.MOVBE -> {
                long v = Long.reverseBytes(source(cpu, in)) >>> 64 - 8 * in.size;
                setDestination(cpu, in, v);
            }
            case Op.MOVNTI -> setDestination(cpu, in, source(cpu, in));
            case Op.LAHF -> setRegister(cpu, Insn.HIGH_BYTE, 1, Flags.all(cpu) & 0xFF);
            case Op.SAHF -> Flags.change(cpu, Cpu.ARITHMETIC & ~Cpu.OF, (int) (cpu.r[Cpu.RAX] >> 8));
            case Op.CLC -> Flags.change(cpu, Cpu.CF, 0);
            case Op.STC -> Flags.change(cpu, Cpu.CF, Cpu.CF);
            case Op.CMC -> Flags.change(cpu, Cpu.CF, Flags.carry(cpu) ? 0 : Cpu.CF);
            case Op.CLD -> cpu.systemFlags &= ~Cpu.DF;
            case Op.STD -> cpu.systemFlags |= Cpu.DF;
            case Op.SALC -> setRegister(cpu, Cpu.RAX, 1, Flags.carry(cpu) ? 0xFF : 0);
            case Op.XLAT -> xlat(cpu, in);
            case Op.NOP, Op.FENCE -> {
                if (in.op == Op.FENCE) {
                    java.lang.invoke.VarHandle.fullFence();
                }
            }
            case Op.CLFLUSH -> cpu.mmu.load8(Operands.address(cpu, in, 1, false));
            case Op.RDRAND, Op.RDSEED -> {
                Random random = cpu.random;
                setRegister(cpu, in.dst, in.size,
                        random == null ? ThreadLocalRandom.current().nextLong() : random.nextLong());
                Flags.setArithmetic(cpu, Cpu.CF);
            }
            case Op.BOUND -> bound(cpu, in);
            case Op.DAA, Op.DAS, Op.AAA, Op.AAS, Op.AAM, Op.AAD -> DecimalOps.execute(cpu, in);
            default -> throw cpu.fault.of(GuestException.UD);
        }
    }

    /** Result of ADD to XOR on sign-extended operands, not yet truncated to the operand's size. */
    private static long compute(int op, long x, long y, int carry) {
        return switch (op) {
            case Op.ADD -> x + y;
            case Op.OR -> x | y;
            case Op.ADC -> x + y + carry;
            case Op.SBB -> x - y - carry;
            case Op.AND -> x & y;
            case Op.SUB -> x - y;
            default -> x ^ y;
        };
    }

    private static void binary(Cpu cpu, Insn in) {
        int size = in.size;
        int carry = (in.op == Op.ADC || in.op == Op.SBB) && Flags.carry(cpu) ? 1 : 0;
        long x;
        long y;
        long result;
        if (in.memory != 1) {
            y = source(cpu, in);
            x = register(cpu, in.dst, size);
            result = sign(compute(in.op, x, y, carry), size);
            setRegister(cpu, in.dst, size, result);
        } else {
            y = source(cpu, in);
            long address = changedAddress(cpu, in);
            boolean locked = (in.prefixes & Insn.LOCK) != 0;
            do {
                x = sign(load(cpu.mmu, address, size), size);
                result = sign(compute(in.op, x, y, carry), size);
            } while (!replace(cpu, address, size, x, result, locked));
        }
        int kind = switch (in.op) {
            case Op.ADD -> Flags.ADD;
            case Op.ADC -> carry == 0 ? Flags.ADD : Flags.ADC;
            case Op.SUB -> Flags.SUB;
            case Op.SBB -> carry == 0 ? Flags.SUB : Flags.SBB;
            default -> Flags.LOGIC;
        };
        Flags.set(cpu, kind, x, y, result);
    }

    /**
     * Writes the result of a read, change and write; atomically under LOCK.
     *
     * @return false to try again
     */
    static boolean replace(Cpu cpu, long address, int size, long old, long value, boolean locked) {
        if (!locked) {
            store(cpu.mmu, address, size, value);
            return true;
        }
        long expected = unsigned(old, size);
        return cpu.mmu.compareAndExchange(address, size, expected, unsigned(value, size)) == expected;
    }

    private static void unary(Cpu cpu, Insn in) {
        int size = in.size;
        long x;
        long result;
        if (in.memory != 1) {
            x = register(cpu, in.dst, size);
            result = sign(unary(in.op, x), size);
            setRegister(cpu, in.dst, size, result);
        } else {
            long address = changedAddress(cpu, in);
            boolean locked = (in.prefixes & Insn.LOCK) != 0;
            do {
                x = sign(load(cpu.mmu, address, size), size);
                result = sign(unary(in.op, x), size);
            } while (!replace(cpu, address, size, x, result, locked));
        }
        switch (in.op) {
            case Op.INC -> Flags.set(cpu, Flags.INC, Flags.carry(cpu) ? 1 : 0, x, result);
            case Op.DEC -> Flags.set(cpu, Flags.DEC, Flags.carry(cpu) ? 1 : 0, x, result);
            case Op.NEG -> Flags.set(cpu, Flags.SUB, 0, x, result);
            default -> {
            }
        }
    }

    private static long unary(int op, long x) {
        return switch (op) {
            case Op.INC -> x + 1;
            case Op.DEC -> x - 1;
            case Op.NOT -> ~x;
            default -> -x;
        };
    }

    private static void xlat(Cpu cpu, Insn in) {
        long offset = cpu.r[Cpu.RBX] + (cpu.r[Cpu.RAX] & 0xFF) & in.addressMask;
        long address = in.segment < 0 ? offset : Segments.linear(cpu, in.segment, offset, 1, false);
        setRegister(cpu, Cpu.RAX, 1, cpu.mmu.load8(address));
    }

    private static void bound(Cpu cpu, Insn in) {
        long index = register(cpu, in.dst, in.size);
        if (index < bound(cpu, in, 0) || index > bound(cpu, in, in.size)) {
            throw cpu.fault.of(GuestException.BR);
        }
    }

    /** One of BOUND's two limits: the upper is read only where the lower holds. */
    private static long bound(Cpu cpu, Insn in, int distance) {
        long offset = Operands.offset(cpu, in) + distance;
        long address = in.segment < 0 ? offset & 0xFFFFFFFFL
                : Segments.linear(cpu, in.segment, offset, in.size, false);
        return sign(load(cpu.mmu, address, in.size), in.size);
    }
}
