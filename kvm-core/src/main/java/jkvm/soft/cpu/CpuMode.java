package jkvm.soft.cpu;

import jkvm.soft.mmu.Mmu;

/**
 * The mode word: everything beside the bytes themselves that decoded code depends on. Blocks of decoded instructions
 * are found by it.
 */
public final class CpuMode {
    /** Code size: 0 for 16, 1 for 32, 2 for 64 bits. */
    public static final int CODE_SIZE_MASK = 3, CODE_64 = 2;
    /** Privilege level 3: it decides about the pages that code is fetched from. */
    public static final int USER = 4;
    /** The stack pointer is ESP, not SP (outside 64-bit code). */
    public static final int BIG_STACK = 8;
    /** ES, SS and DS have base 0 and all 4 GiB, readable and writable: their checks cannot fail. */
    public static final int FLAT_DATA = 16;
    /** Protected mode, but not virtual-8086. */
    public static final int PROTECTED = 32;
    /** Alignment checks are in force. */
    public static final int ALIGNED = 64;

    private static final int FLAT_ACCESS_MASK = Segment.S_BIT | Segment.PRESENT_BIT | 0xE;
    private static final int FLAT_ACCESS = Segment.S_BIT | Segment.PRESENT_BIT | 2;

    private CpuMode() {
    }

    /**
     * Computes {@link Cpu#mode} and the MMU's context from segments, control registers, privilege and flags. To be
     * called after one of them was changed; the execution loop does so after each instruction of the system group that
     * ends a block, after deliveries, and when it is entered.
     */
    public static void refresh(Cpu cpu) {
        int mode = 0;
        boolean isProtected = (cpu.cr0 & Cpu.CR0_PE) != 0 && (cpu.systemFlags & Cpu.VM) == 0;
        Segment cs = cpu.segments[Segment.CS];
        if (isProtected) {
            mode = PROTECTED;
        }
        if ((cpu.efer & Cpu.EFER_LMA) != 0 && cs.isLong()) {
            mode |= CODE_64;
        } else {
            mode |= cs.isBig() ? 1 : 0;
            mode |= cpu.segments[Segment.SS].isBig() ? BIG_STACK : 0;
            mode |= isFlat(cpu.segments[Segment.DS]) && isFlat(cpu.segments[Segment.SS])
                    && isFlat(cpu.segments[Segment.ES]) ? FLAT_DATA : 0;
        }
        boolean user = cpu.cpl == 3;
        if (user && (cpu.cr0 & Cpu.CR0_AM) != 0 && (cpu.systemFlags & Cpu.AC) != 0) {
            mode |= ALIGNED;
        }
        cpu.mode = user ? mode | USER : mode;
        boolean userPages = (cpu.cr4 & Cpu.CR4_SMAP) == 0 || (cpu.systemFlags & Cpu.AC) != 0;
        cpu.mmu.context = user ? (mode & ALIGNED) != 0 ? Mmu.USER_ALIGNED : Mmu.USER
                : userPages ? Mmu.SUPERVISOR_OVER_USER : Mmu.SUPERVISOR;
        cpu.mmu.wraps = (mode & CODE_64) == 0;
    }

    private static boolean isFlat(Segment s) {
        return s.base == 0 && s.limit == 0xFFFFFFFFL && !s.unusable && (s.access & FLAT_ACCESS_MASK) == FLAT_ACCESS;
    }

    /** True in 64-bit code. */
    public static boolean is64(Cpu cpu) {
        return (cpu.mode & CODE_64) != 0;
    }
}
