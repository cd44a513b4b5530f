package jkvm.soft.cpu;

import static jkvm.soft.mmu.GuestException.GP;
import static jkvm.soft.mmu.GuestException.UD;

/**
 * SYSCALL, SYSRET, SYSENTER, SYSEXIT and SWAPGS, as AMD's processors do them: SYSCALL in legacy mode too, SYSENTER not
 * in long mode (APM vol. 2, 6.1; vol. 3).
 */
final class FastCalls {
    private static final int CODE = 0xB | Segment.S_BIT | Segment.PRESENT_BIT | Segment.G_BIT;
    private static final int CODE_32 = CODE | Segment.DB_BIT, CODE_64 = CODE | Segment.L_BIT;
    private static final int DATA = 3 | Segment.S_BIT | Segment.PRESENT_BIT | Segment.G_BIT | Segment.DB_BIT;
    private static final int USER = 3 << Segment.DPL_SHIFT;
    private static final long ALL = 0xFFFFFFFFL;

    private FastCalls() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.SYSCALL -> call(cpu, in.next());
            case Op.SYSRET -> ret(cpu, in.size);
            case Op.SYSENTER -> enter(cpu);
            case Op.SYSEXIT -> exit(cpu);
            default -> {
                SystemOps.requirePrivilege(cpu);
                long base = cpu.segments[Segment.GS].base;
                cpu.segments[Segment.GS].base = cpu.kernelGsBase;
                cpu.kernelGsBase = base;
            }
        }
    }

    private static void load(Cpu cpu, int code, int stack, int codeAccess, int privilege) {
        cpu.segments[Segment.CS].set(code, 0, ALL, codeAccess | privilege);
        cpu.segments[Segment.SS].set(stack, 0, ALL, DATA | privilege);
        cpu.cpl = privilege == 0 ? 0 : 3;
    }

    private static void call(Cpu cpu, long next) {
        if ((cpu.efer & Cpu.EFER_SCE) == 0 || !Segments.isProtected(cpu)) {
            throw cpu.fault.of(UD);
        }
        int selector = (int) (cpu.star >>> 32) & 0xFFFC;
        if (Segments.isLongMode(cpu)) {
            int flags = Flags.all(cpu);
            cpu.r[Cpu.RCX] = next;
            cpu.r[11] = flags & ~Cpu.RF & ALL;
            cpu.rip = (cpu.mode & CpuMode.CODE_64) != 0 ? cpu.lstar : cpu.cstar;
            Flags.setAll(cpu, flags & ~(int) cpu.sfmask & ~Cpu.RF | Cpu.RESERVED_1);
            load(cpu, selector, selector + 8, CODE_64, 0);
        } else {
            cpu.r[Cpu.RCX] = next;
            cpu.rip = cpu.star & ALL;
            cpu.systemFlags &= ~(Cpu.IF | Cpu.VM | Cpu.RF);
            load(cpu, selector, selector + 8, CODE_32, 0);
        }
    }

    private static void ret(Cpu cpu, int size) {
        if ((cpu.efer & Cpu.EFER_SCE) == 0 || !Segments.isProtected(cpu)) {
            throw cpu.fault.of(UD);
        }
        SystemOps.requirePrivilege(cpu);
        int selector = (int) (cpu.star >>> 48) & 0xFFFC;
        boolean to64 = Segments.isLongMode(cpu) && size == 8;
        long target = cpu.r[Cpu.RCX];
        if (to64 && !Segments.isCanonical(cpu, target)) {
            throw cpu.fault.of(GP, 0);
        }
        if (Segments.isLongMode(cpu)) {
            Flags.setAll(cpu, cpu.r[11] & 0x3C7FD7 | Cpu.RESERVED_1);
        } else {
            cpu.systemFlags |= Cpu.IF;
        }
        cpu.rip = to64 ? target : target & ALL;
        load(cpu, (to64 ? selector + 16 : selector) | 3, selector + 8 | 3, to64 ? CODE_64 : CODE_32, USER);
    }

    private static void enter(Cpu cpu) {
        if (Segments.isLongMode(cpu)) {
            throw cpu.fault.of(UD);
        }
        int selector = (int) cpu.sysenterCs & 0xFFFC;
        if ((cpu.cr0 & Cpu.CR0_PE) == 0 || selector == 0) {
            throw cpu.fault.of(GP, 0);
        }
        cpu.rip = cpu.sysenterEip & ALL;
        cpu.r[Cpu.RSP] = cpu.sysenterEsp & ALL;
        cpu.systemFlags &= ~(Cpu.IF | Cpu.VM | Cpu.RF);
        load(cpu, selector, selector + 8, CODE_32, 0);
    }

    private static void exit(Cpu cpu) {
        if (Segments.isLongMode(cpu)) {
            throw cpu.fault.of(UD);
        }
        int selector = (int) cpu.sysenterCs & 0xFFFC;
        if (!Segments.isProtected(cpu) || cpu.cpl != 0 || selector == 0) {
            throw cpu.fault.of(GP, 0);
        }
        cpu.rip = cpu.r[Cpu.RDX] & ALL;
        cpu.r[Cpu.RSP] = cpu.r[Cpu.RCX] & ALL;
        load(cpu, selector + 16 | 3, selector + 24 | 3, CODE_32, USER);
    }
}
