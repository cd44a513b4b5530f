package jkvm.soft.cpu;

import jkvm.soft.mmu.Mmu;

/** Reads and writes an instruction's operands: registers of all sizes and memory. */
public final class Operands {
    private static final long MASK_32 = 0xFFFFFFFFL;

    private Operands() {
    }

    /** The memory operand's offset in its segment. */
    public static long offset(Cpu cpu, Insn in) {
        long[] r = cpu.r;
        return in.disp + r[in.base] + (r[in.index] << in.scale) & in.addressMask;
    }

    /**
     * The linear address of the memory operand.
     *
     * @param size  bytes that are accessed there
     * @param write true if the segment must be writable
     * @throws jkvm.soft.mmu.GuestException #GP or #SS of the segment
     */
    public static long address(Cpu cpu, Insn in, int size, boolean write) {
        long offset = offset(cpu, in);
        return in.segment < 0 ? offset : Segments.linear(cpu, in.segment, offset, size, write);
    }

    /** Sign-extends from 1, 2, 4 or 8 bytes. */
    public static long sign(long value, int size) {
        return switch (size) {
            case 1 -> (byte) value;
            case 2 -> (short) value;
            case 4 -> (int) value;
            default -> value;
        };
    }

    /** A register's value, sign-extended from its size. {@link Insn#HIGH_BYTE} and up are AH, CH, DH, BH. */
    public static long register(Cpu cpu, int number, int size) {
        return number < Insn.HIGH_BYTE ? sign(cpu.r[number], size) : (byte) (cpu.r[number - Insn.HIGH_BYTE] >> 8);
    }

    /** Writes a register: 32 bits clear the upper half, 8 and 16 leave the rest. */
    public static void setRegister(Cpu cpu, int number, int size, long value) {
        long[] r = cpu.r;
        if (size == 8) {
            r[number] = value;
        } else if (size == 4) {
            r[number] = value & MASK_32;
        } else if (size == 2) {
            r[number] = r[number] & ~0xFFFFL | value & 0xFFFF;
        } else if (number < Insn.HIGH_BYTE) {
            r[number] = r[number] & ~0xFFL | value & 0xFF;
        } else {
            int low = number - Insn.HIGH_BYTE;
            r[low] = r[low] & ~0xFF00L | (value & 0xFF) << 8;
        }
    }

    /** Memory at a linear address, zero-extended from 1, 2, 4 or 8 bytes. */
    public static long load(Mmu mmu, long address, int size) {
        return switch (size) {
            case 1 -> mmu.load8(address);
            case 2 -> mmu.load16(address);
            case 4 -> mmu.load32(address);
            default -> mmu.load64(address);
        };
    }

    /** Writes 1, 2, 4 or 8 bytes to memory at a linear address. */
    public static void store(Mmu mmu, long address, int size, long value) {
        switch (size) {
            case 1 -> mmu.store8(address, value);
            case 2 -> mmu.store16(address, value);
            case 4 -> mmu.store32(address, value);
            default -> mmu.store64(address, value);
        }
    }

    /** The source operand (register, memory, or immediate), sign-extended. */
    static long source(Cpu cpu, Insn in) {
        if (in.memory == 2) {
            return sign(load(cpu.mmu, address(cpu, in, in.size, false), in.size), in.size);
        }
        return in.src >= 0 ? register(cpu, in.src, in.size) : in.imm;
    }

    /** A source operand of another size than the destination's, zero-extended. */
    static long source(Cpu cpu, Insn in, int size) {
        if (in.memory == 2) {
            return load(cpu.mmu, address(cpu, in, size, false), size);
        }
        long value = register(cpu, in.src, size);
        return size == 8 ? value : value & (1L << size * 8) - 1;
    }

    /** Value of the destination that is only read (CMP, TEST, BT), sign-extended. */
    static long destination(Cpu cpu, Insn in) {
        if (in.memory == 1) {
            return sign(load(cpu.mmu, address(cpu, in, in.size, false), in.size), in.size);
        }
        return register(cpu, in.dst, in.size);
    }

    /** Writes a destination that is not read before. */
    static void setDestination(Cpu cpu, Insn in, long value) {
        if (in.memory == 1) {
            store(cpu.mmu, address(cpu, in, in.size, true), in.size, value);
        } else {
            setRegister(cpu, in.dst, in.size, value);
        }
    }

    /** The address of a destination in memory that is read and written, checked for both. */
    static long changedAddress(Cpu cpu, Insn in) {
        long address = address(cpu, in, in.size, true);
        cpu.mmu.probeWrite(address, in.size);
        return address;
    }

    static long unsigned(long value, int size) {
        return size == 8 ? value : value & (1L << size * 8) - 1;
    }
}
