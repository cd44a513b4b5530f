package jkvm.soft.cpu;

import static jkvm.soft.cpu.IntegerOps.replace;
import static jkvm.soft.cpu.Operands.changedAddress;
import static jkvm.soft.cpu.Operands.load;
import static jkvm.soft.cpu.Operands.register;
import static jkvm.soft.cpu.Operands.setRegister;
import static jkvm.soft.cpu.Operands.sign;

import jkvm.soft.mmu.GuestException;

/** XCHG, XADD and CMPXCHG with its wide forms. XCHG with memory is atomic without a LOCK prefix too. */
final class ExchangeOps {
    private ExchangeOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.XCHG -> exchange(cpu, in);
            case Op.XADD -> exchangeAdd(cpu, in);
            case Op.CMPXCHG -> compareExchange(cpu, in);
            default -> {
                if (in.size == 8) {
                    compareExchange16(cpu, in);
                } else {
                    compareExchange8(cpu, in);
                }
            }
        }
    }

    private static void exchange(Cpu cpu, Insn in) {
        int size = in.size;
        long value = register(cpu, in.src, size);
        long old;
        if (in.memory == 1) {
            long address = changedAddress(cpu, in);
            do {
                old = sign(load(cpu.mmu, address, size), size);
            } while (!replace(cpu, address, size, old, value, true));
        } else {
            old = register(cpu, in.dst, size);
            setRegister(cpu, in.dst, size, value);
        }
        setRegister(cpu, in.src, size, old);
    }

    private static void exchangeAdd(Cpu cpu, Insn in) {
        int size = in.size;
        long y = register(cpu, in.src, size);
        long x;
        long sum;
        if (in.memory == 1) {
            long address = changedAddress(cpu, in);
            boolean locked = (in.prefixes & Insn.LOCK) != 0;
            do {
                x = sign(load(cpu.mmu, address, size), size);
                sum = sign(x + y, size);
            } while (!replace(cpu, address, size, x, sum, locked));
            setRegister(cpu, in.src, size, x);
        } else {
            x = register(cpu, in.dst, size);
            sum = sign(x + y, size);
            setRegister(cpu, in.src, size, x);
            setRegister(cpu, in.dst, size, sum);
        }
        Flags.set(cpu, Flags.ADD, x, y, sum);
    }

    /**
     * A register destination of 32 bits keeps its upper half when the comparison fails, and RAX keeps its own when it
     * succeeds. A memory destination must be writable in both cases.
     */
    private static void compareExchange(Cpu cpu, Insn in) {
        int size = in.size;
        long expected = sign(cpu.r[Cpu.RAX], size);
        long value = register(cpu, in.src, size);
        long old;
        if (in.memory == 1) {
            long address = changedAddress(cpu, in);
            boolean locked = (in.prefixes & Insn.LOCK) != 0;
            do {
                old = sign(load(cpu.mmu, address, size), size);
            } while (!replace(cpu, address, size, old, old == expected ? value : old, locked));
        } else {
            old = register(cpu, in.dst, size);
            if (old == expected) {
                setRegister(cpu, in.dst, size, value);
            }
        }
        if (old != expected) {
            setRegister(cpu, Cpu.RAX, size, old);
        }
        Flags.set(cpu, Flags.SUB, expected, old, sign(expected - old, size));
    }

    private static void compareExchange8(Cpu cpu, Insn in) {
        long[] r = cpu.r;
        long expected = r[Cpu.RDX] << 32 | r[Cpu.RAX] & 0xFFFFFFFFL;
        long value = r[Cpu.RCX] << 32 | r[Cpu.RBX] & 0xFFFFFFFFL;
        long address = Operands.address(cpu, in, 8, true);
        cpu.mmu.probeWrite(address, 8);
        boolean locked = (in.prefixes & Insn.LOCK) != 0;
        long old;
        do {
            old = cpu.mmu.load64(address);
        } while (!replace(cpu, address, 8, old, old == expected ? value : old, locked));
        if (old != expected) {
            r[Cpu.RAX] = old & 0xFFFFFFFFL;
            r[Cpu.RDX] = old >>> 32;
        }
        Flags.change(cpu, Cpu.ZF, old == expected ? Cpu.ZF : 0);
    }

    private static void compareExchange16(Cpu cpu, Insn in) {
        long[] r = cpu.r;
        long address = Operands.address(cpu, in, 16, true);
        if ((address & 15) != 0) {
            throw cpu.fault.of(GuestException.GP, 0);
        }
        cpu.mmu.probeWrite(address, 16);
        boolean equal;
        long low;
        long high;
        do {
            low = cpu.mmu.load64(address);
            high = cpu.mmu.load64(address + 8);
            equal = low == r[Cpu.RAX] && high == r[Cpu.RDX];
        } while (!cpu.mmu.compareAndSet128(address, low, high, equal ? r[Cpu.RBX] : low, equal ? r[Cpu.RCX] : high));
        if (!equal) {
            r[Cpu.RAX] = low;
            r[Cpu.RDX] = high;
        }
        Flags.change(cpu, Cpu.ZF, equal ? Cpu.ZF : 0);
    }
}
