package jkvm.soft.cpu;

import static jkvm.soft.mmu.GuestException.GP;
import static jkvm.soft.mmu.GuestException.UD;

import jkvm.soft.fpu.XsaveArea;

/** Instructions on control registers, XCR0 and the TLB. {@link ControlRegisters} checks the values. */
final class ControlOps {
    private ControlOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.LMSW -> {
                SystemOps.requirePrivilege(cpu);
                long value = Operands.source(cpu, in, 2) & 0xF | cpu.cr0 & Cpu.CR0_PE;
                ControlRegisters.writeCr0(cpu, cpu.cr0 & ~0xFL | value);
            }
            case Op.SMSW -> {
                SystemOps.requireVisible(cpu);
                if (in.memory != 0) {
                    cpu.mmu.store16(Operands.address(cpu, in, 2, true), cpu.cr0);
                } else {
                    Operands.setRegister(cpu, in.rm, in.size, cpu.cr0);
                }
            }
            case Op.CLTS -> {
                SystemOps.requirePrivilege(cpu);
                cpu.cr0 &= ~Cpu.CR0_TS;
            }
            case Op.MOV_FROM_CR -> read(cpu, in);
            case Op.MOV_TO_CR -> write(cpu, in);
            case Op.XGETBV -> readExtended(cpu);
            case Op.XSETBV -> writeExtended(cpu);
            case Op.INVLPG -> {
                SystemOps.requirePrivilege(cpu);
                long offset = Operands.offset(cpu, in);
                long address = in.segment < 0 ? offset : cpu.segments[in.segment].base + offset;
                cpu.mmu.invalidatePage((cpu.mode & CpuMode.CODE_64) != 0 ? address : address & 0xFFFFFFFFL);
            }
            default -> invalidateContext(cpu, in);
        }
    }

    private static void read(Cpu cpu, Insn in) {
        long value = switch (in.reg) {
            case 0 -> cpu.cr0;
            case 2 -> cpu.cr2;
            case 3 -> cpu.cr3;
            case 4 -> cpu.cr4;
            case 8 -> 0;
            default -> throw cpu.fault.of(UD);
        };
        SystemOps.requirePrivilege(cpu);
        Operands.setRegister(cpu, in.rm, in.size, in.reg == 8 ? cpu.host.taskPriority() : value);
    }

    private static void write(Cpu cpu, Insn in) {
        if (in.reg > 8 || in.reg == 1 || in.reg >= 5 && in.reg < 8) {
            throw cpu.fault.of(UD);
        }
        SystemOps.requirePrivilege(cpu);
        long value = in.size == 8 ? cpu.r[in.rm] : cpu.r[in.rm] & 0xFFFFFFFFL;
        switch (in.reg) {
            case 0 -> ControlRegisters.writeCr0(cpu, value);
            case 2 -> cpu.cr2 = value;
            case 3 -> ControlRegisters.writeCr3(cpu, value);
            case 4 -> ControlRegisters.writeCr4(cpu, value);
            default -> {
                if (value >>> 4 != 0) {
                    throw cpu.fault.of(GP, 0);
                }
                if (cpu.host.taskPriority(value) != CpuHost.DONE) {
                    cpu.exit = ExitCause.COMPLETED;
                }
            }
        }
    }

    private static void readExtended(Cpu cpu) {
        requireExtendedState(cpu);
        int register = (int) cpu.r[Cpu.RCX];
        if (register != 0 && (register != 1 || (cpu.features & Feature.XGETBV1) == 0)) {
            throw cpu.fault.of(GP, 0);
        }
        long value = register == 0 ? cpu.xcr0 : cpu.xcr0 & XsaveArea.inUse(cpu.fpu);
        cpu.r[Cpu.RAX] = value & 0xFFFFFFFFL;
        cpu.r[Cpu.RDX] = value >>> 32;
    }

    private static void writeExtended(Cpu cpu) {
        requireExtendedState(cpu);
        SystemOps.requirePrivilege(cpu);
        long value = cpu.r[Cpu.RAX] & 0xFFFFFFFFL | cpu.r[Cpu.RDX] << 32;
        if ((int) cpu.r[Cpu.RCX] != 0 || !ControlRegisters.isValidXcr0(cpu, value)) {
            throw cpu.fault.of(GP, 0);
        }
        cpu.xcr0 = value;
    }

    private static void requireExtendedState(Cpu cpu) {
        if ((cpu.cr4 & Cpu.CR4_OSXSAVE) == 0) {
            throw cpu.fault.of(UD);
        }
    }

    /** INVPCID: translations are not kept by PCID, so each type forgets at least what it must. */
    private static void invalidateContext(Cpu cpu, Insn in) {
        SystemOps.requirePrivilege(cpu);
        long type = (cpu.mode & CpuMode.CODE_64) != 0 ? cpu.r[in.reg] : cpu.r[in.reg] & 0xFFFFFFFFL;
        long address = Operands.address(cpu, in, 16, false);
        cpu.mmu.probeRead(address, 16);
        long pcid = cpu.mmu.load64(address);
        long linear = cpu.mmu.load64(address + 8);
        boolean bad = Long.compareUnsigned(type, 3) > 0 || pcid >>> 12 != 0
                || type < 2 && pcid != 0 && (cpu.cr4 & Cpu.CR4_PCIDE) == 0
                || type == 0 && !Segments.isCanonical(cpu, linear);
        if (bad) {
            throw cpu.fault.of(GP, 0);
        }
        switch ((int) type) {
            case 0 -> cpu.mmu.invalidatePage(linear);
            case 2 -> cpu.mmu.flushAll();
            default -> cpu.mmu.flushNonGlobal();
        }
    }
}
