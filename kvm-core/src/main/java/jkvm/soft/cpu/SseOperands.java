package jkvm.soft.cpu;

import jkvm.soft.mmu.GuestException;
import jkvm.soft.mmu.Mmu;

/** Operands of SSE instructions: XMM registers, and memory of 4, 8 and 16 bytes. */
final class SseOperands {
    private static final long MASK_32 = 0xFFFFFFFFL;

    private SseOperands() {
    }

    static boolean isMemory(Insn insn) {
        return insn.modrm < 0xC0;
    }

    /** Reads the 128-bit source into the unit's low and high; memory must be aligned to 16 bytes. */
    static void load(Cpu cpu, Insn insn) {
        if (isMemory(insn)) {
            long address = aligned(cpu, insn, false);
            cpu.simd.low = cpu.mmu.load64(address);
            cpu.simd.high = cpu.mmu.load64(address + 8);
        } else {
            loadRegister(cpu, insn.rm);
        }
    }

    /** As {@link #load} without the condition on alignment. */
    static void loadUnaligned(Cpu cpu, Insn insn) {
        if (isMemory(insn)) {
            int context = leaveAlignment(cpu);
            try {
                long address = Operands.address(cpu, insn, 16, false);
                cpu.simd.low = cpu.mmu.load64(address);
                cpu.simd.high = cpu.mmu.load64(address + 8);
            } finally {
                cpu.mmu.context = context;
            }
        } else {
            loadRegister(cpu, insn.rm);
        }
    }

    private static void loadRegister(Cpu cpu, int number) {
        long[] xmm = cpu.fpu.xmm;
        cpu.simd.low = xmm[2 * number];
        cpu.simd.high = xmm[2 * number + 1];
    }

    /** The source's low 64 bits, or 64 bits of memory. */
    static long load64(Cpu cpu, Insn insn) {
        return isMemory(insn) ? cpu.mmu.load64(Operands.address(cpu, insn, 8, false)) : cpu.fpu.xmm[2 * insn.rm];
    }

    /** The source's low 32 bits, or 32 bits of memory, zero-extended. */
    static long load32(Cpu cpu, Insn insn) {
        return isMemory(insn) ? cpu.mmu.load32(Operands.address(cpu, insn, 4, false))
                : cpu.fpu.xmm[2 * insn.rm] & MASK_32;
    }

    /** The source's low 16 bits, or 16 bits of memory, zero-extended. */
    static long load16(Cpu cpu, Insn insn) {
        return isMemory(insn) ? cpu.mmu.load16(Operands.address(cpu, insn, 2, false))
                : cpu.fpu.xmm[2 * insn.rm] & 0xFFFF;
    }

    /** A general register or memory: 64 bits with REX.W, else 32, zero-extended. */
    static long loadGeneral(Cpu cpu, Insn insn) {
        boolean wide = isWide(insn);
        if (isMemory(insn)) {
            return wide ? cpu.mmu.load64(Operands.address(cpu, insn, 8, false))
                    : cpu.mmu.load32(Operands.address(cpu, insn, 4, false));
        }
        return wide ? cpu.r[insn.rm] : cpu.r[insn.rm] & MASK_32;
    }

    /** REX.W counts in 64-bit code only, where alone there is one. */
    static boolean isWide(Insn insn) {
        return (insn.prefixes & Insn.REX_W) != 0;
    }

    /** Writes the 128-bit destination that the ModRM byte names; memory must be aligned to 16 bytes. */
    static void store(Cpu cpu, Insn insn, long low, long high) {
        if (isMemory(insn)) {
            storeMemory(cpu, aligned(cpu, insn, true), low, high);
        } else {
            set(cpu, insn.rm, low, high);
        }
    }

    /** As {@link #store} without the condition on alignment. */
    static void storeUnaligned(Cpu cpu, Insn insn, long low, long high) {
        if (isMemory(insn)) {
            int context = leaveAlignment(cpu);
            try {
                storeMemory(cpu, Operands.address(cpu, insn, 16, true), low, high);
            } finally {
                cpu.mmu.context = context;
            }
        } else {
            set(cpu, insn.rm, low, high);
        }
    }

    /** Accesses of 128 bits that need not be aligned are not checked for alignment either (#AC). */
    private static int leaveAlignment(Cpu cpu) {
        int context = cpu.mmu.context;
        if (context == Mmu.USER_ALIGNED) {
            cpu.mmu.context = Mmu.USER;
        }
        return context;
    }

    static void storeMemory(Cpu cpu, long address, long low, long high) {
        if ((address & ~Mmu.PAGE_MASK) > 4096 - 16) {
            cpu.mmu.probeWrite(address, 16);
        }
        cpu.mmu.store64(address, low);
        cpu.mmu.store64(address + 8, high);
    }

    static void store64(Cpu cpu, Insn insn, long value) {
        cpu.mmu.store64(Operands.address(cpu, insn, 8, true), value);
    }

    static void store32(Cpu cpu, Insn insn, long value) {
        cpu.mmu.store32(Operands.address(cpu, insn, 4, true), value);
    }

    static void set(Cpu cpu, int number, long low, long high) {
        long[] xmm = cpu.fpu.xmm;
        xmm[2 * number] = low;
        xmm[2 * number + 1] = high;
    }

    /** Replaces the low 32 bits of a register's low half. */
    static void set32(Cpu cpu, int number, long value) {
        long[] xmm = cpu.fpu.xmm;
        xmm[2 * number] = xmm[2 * number] & ~MASK_32 | value & MASK_32;
    }

    /** The address of a 128-bit operand. #GP of one that is not aligned goes before what the segment has against it. */
    private static long aligned(Cpu cpu, Insn insn, boolean write) {
        long base = insn.segment < 0 ? 0 : cpu.segments[insn.segment].base;
        if ((base + Operands.offset(cpu, insn) & 15) != 0) {
            throw cpu.fault.of(GuestException.GP, 0);
        }
        return Operands.address(cpu, insn, 16, write);
    }
}
