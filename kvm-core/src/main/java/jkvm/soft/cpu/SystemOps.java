package jkvm.soft.cpu;

import static jkvm.soft.mmu.GuestException.GP;
import static jkvm.soft.mmu.GuestException.UD;

import jkvm.soft.mmu.GuestException;
import jkvm.soft.mmu.Interruption;

/**
 * Executes the system group: privileged instructions, and those that change segments, privilege or mode. They are the
 * last of their block: {@link Cpu#rip} is at the next instruction when they begin, and those that go elsewhere set it.
 */
final class SystemOps {
    /** Bits of {@link Cpu#guestDebug}: INT3 ends KVM_RUN. */
    private static final int SOFTWARE_BREAKPOINTS = 0x10000;

    private SystemOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.LGDT, Op.SGDT, Op.LIDT, Op.SIDT, Op.LLDT, Op.SLDT, Op.LTR, Op.STR, Op.LAR, Op.LSL, Op.VERR, Op.VERW,
                    Op.ARPL -> DescriptorOps.execute(cpu, in);
            case Op.LOAD_FAR_POINTER, Op.MOV_TO_SEGMENT, Op.MOV_FROM_SEGMENT, Op.PUSH_SEGMENT, Op.POP_SEGMENT,
                    Op.RDFSBASE, Op.RDGSBASE, Op.WRFSBASE, Op.WRGSBASE -> SegmentOps.execute(cpu, in);
            case Op.LMSW, Op.SMSW, Op.CLTS, Op.MOV_FROM_CR, Op.MOV_TO_CR, Op.XGETBV, Op.XSETBV, Op.INVLPG, Op.INVPCID ->
                    ControlOps.execute(cpu, in);
            case Op.MOV_FROM_DR -> DebugRegisters.read(cpu, in);
            case Op.MOV_TO_DR -> DebugRegisters.write(cpu, in);
            case Op.RDMSR, Op.WRMSR, Op.RDTSC, Op.RDTSCP, Op.RDPMC, Op.RDPID -> MsrOps.execute(cpu, in);
            case Op.SYSCALL, Op.SYSRET, Op.SYSENTER, Op.SYSEXIT, Op.SWAPGS -> FastCalls.execute(cpu, in);
            case Op.INT, Op.INT3, Op.INTO, Op.INT1 -> interrupt(cpu, in);
            case Op.IRET -> InterruptReturn.execute(cpu, in.size, in.next());
            case Op.JMP_FAR, Op.CALL_FAR -> far(cpu, in);
            case Op.RET_FAR -> FarTransfers.ret(cpu, in.size, (int) in.imm & 0xFFFF);
            default -> executePlain(cpu, in);
        }
        if (serializes(in)) {
            cpu.serialize();
        }
    }

    /** SDM vol. 3, 10.3; loads of CR8 are the exception among those of control registers. */
    private static boolean serializes(Insn in) {
        return switch (in.op) {
            case Op.CPUID, Op.IRET, Op.LMSW, Op.MOV_TO_DR, Op.WRMSR, Op.INVLPG, Op.INVPCID, Op.LGDT, Op.LIDT, Op.LLDT,
                    Op.LTR, Op.INVD, Op.WBINVD -> true;
            case Op.MOV_TO_CR -> in.reg != 8;
            default -> false;
        };
    }

    private static void executePlain(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.CPUID -> cpu.cpuid.execute(cpu);
            case Op.HLT -> {
                requirePrivilege(cpu);
                cpu.halted = true;
                cpu.exit = ExitCause.HALTED;
            }
            case Op.STI -> setInterruptFlag(cpu);
            case Op.CLI -> clearInterruptFlag(cpu);
            case Op.INVD, Op.WBINVD -> requirePrivilege(cpu);
            case Op.STAC, Op.CLAC -> {
                if (cpu.cpl != 0) {
                    throw cpu.fault.of(UD);
                }
                cpu.systemFlags = cpu.systemFlags & ~Cpu.AC | (in.op == Op.STAC ? Cpu.AC : 0);
            }
            case Op.MONITOR -> monitor(cpu, in);
            case Op.MWAIT -> {
                if (cpu.cpl != 0) {
                    throw cpu.fault.of(UD);
                }
            }
            case Op.VMCALL, Op.VMMCALL -> hypercall(cpu);
            default -> throw cpu.fault.of(UD);
        }
    }

    /** #GP(0) above privilege level 0. */
    static void requirePrivilege(Cpu cpu) {
        if (cpu.cpl != 0) {
            throw cpu.fault.of(GP, 0);
        }
    }

    /** #UD in real and virtual-8086 mode. */
    static void requireProtected(Cpu cpu) {
        if (!Segments.isProtected(cpu)) {
            throw cpu.fault.of(UD);
        }
    }

    /** #GP(0) at user level if CR4.UMIP hides system registers from it. */
    static void requireVisible(Cpu cpu) {
        if ((cpu.cr4 & Cpu.CR4_UMIP) != 0 && cpu.cpl != 0) {
            throw cpu.fault.of(GP, 0);
        }
    }

    private static boolean isVm86(Cpu cpu) {
        return (cpu.systemFlags & Cpu.VM) != 0;
    }

    private static int ioPrivilege(Cpu cpu) {
        return (cpu.systemFlags & Cpu.IOPL) >> 12;
    }

    /** True where STI and CLI change VIF instead of IF: virtual-8086 extensions, protected-mode virtual interrupts. */
    private static boolean isVirtual(Cpu cpu) {
        if ((cpu.cr0 & Cpu.CR0_PE) == 0 || cpu.cpl <= ioPrivilege(cpu)) {
            return false;
        }
        if (cpu.cpl != 3 || (cpu.cr4 & (isVm86(cpu) ? Cpu.CR4_VME : Cpu.CR4_PVI)) == 0) {
            throw cpu.fault.of(GP, 0);
        }
        return true;
    }

    private static void setInterruptFlag(Cpu cpu) {
        if (isVirtual(cpu)) {
            if ((cpu.systemFlags & Cpu.VIP) != 0) {
                throw cpu.fault.of(GP, 0);
            }
            cpu.systemFlags |= Cpu.VIF;
            return;
        }
        if ((cpu.systemFlags & Cpu.IF) == 0) {
            cpu.systemFlags |= Cpu.IF;
            cpu.stiShadow = true;
        }
    }

    private static void clearInterruptFlag(Cpu cpu) {
        cpu.systemFlags &= isVirtual(cpu) ? ~Cpu.VIF : ~Cpu.IF;
    }

    private static void monitor(Cpu cpu, Insn in) {
        if (cpu.cpl != 0) {
            throw cpu.fault.of(UD);
        }
        if ((int) cpu.r[Cpu.RCX] != 0) {
            throw cpu.fault.of(GP, 0);
        }
        long offset = cpu.r[Cpu.RAX] & in.addressMask;
        int segment = (in.prefixes & Insn.SEGMENT) != 0 && in.segment >= 0 ? in.segment : Segment.DS;
        cpu.mmu.load8(Segments.linear(cpu, segment, offset, 1, false));
    }

    private static void hypercall(Cpu cpu) {
        if (cpu.host.hypercall() != CpuHost.DONE) {
            throw Interruption.EXIT;
        }
        cpu.r[Cpu.RAX] = cpu.transfer;
    }

    private static void interrupt(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.INT3 -> {
                if ((cpu.guestDebug & SOFTWARE_BREAKPOINTS) != 0) {
                    cpu.fault.of(GuestException.BP);
                    cpu.rip = in.pc;
                    cpu.exit = ExitCause.DEBUG;
                    return;
                }
                Delivery.software(cpu, GuestException.BP, true, in.next());
            }
            case Op.INTO -> {
                if ((Flags.all(cpu) & Cpu.OF) != 0) {
                    Delivery.software(cpu, GuestException.OF, true, in.next());
                }
            }
            case Op.INT1 -> Delivery.software(cpu, GuestException.DB, false, in.next());
            default -> numbered(cpu, (int) in.imm & 0xFF, in.next());
        }
    }

    private static void numbered(Cpu cpu, int vector, long next) {
        if (isVm86(cpu)) {
            boolean extended = (cpu.cr4 & Cpu.CR4_VME) != 0;
            if (extended && Gates.redirect(cpu, vector, next)) {
                return;
            }
            if (ioPrivilege(cpu) < 3) {
                throw cpu.fault.of(GP, 0);
            }
        }
        Delivery.software(cpu, vector, true, next);
    }

    private static void far(Cpu cpu, Insn in) {
        long offset = in.imm;
        int selector = (int) in.imm2;
        if (in.memory != 0) {
            long address = Operands.address(cpu, in, in.size + 2, false);
            offset = cpu.mmu.load(address, in.size);
            selector = (int) cpu.mmu.load16(address + in.size);
        }
        offset &= in.size == 8 ? -1 : in.size == 4 ? 0xFFFFFFFFL : 0xFFFF;
        if (in.op == Op.JMP_FAR) {
            FarTransfers.jump(cpu, selector, offset, in.next());
        } else {
            FarTransfers.call(cpu, selector, offset, in.size, in.next());
        }
    }
}
