package jkvm.control.trace;

import jkvm.abi.KvmFpu;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs;
import jkvm.disassembler.CodeMode;
import jkvm.vm.Vcpu;

/**
 * A vCPU's registers between two instructions.
 *
 * @param fpu null where the instruction has nothing to do with them
 */
record StepState(KvmRegs regs, KvmSregs sregs, KvmFpu fpu) {
    private static final long EFER_LMA_BIT = 1 << 10, CR0_PE_BIT = 1;
    private static final long MASK_32 = 0xFFFF_FFFFL;

    static StepState of(Vcpu vcpu, boolean withVectors) {
        return new StepState(vcpu.regs(), vcpu.sregs(), withVectors ? vcpu.fpu() : null);
    }

    boolean usesVectors() {
        return fpu != null;
    }

    StepState withVectors(boolean wanted) {
        return wanted ? this : new StepState(regs, sregs, null);
    }

    long rip() {
        return regs.rip();
    }

    boolean isProtected() {
        return (sregs.cr0() & CR0_PE_BIT) != 0;
    }

    /** True in 64-bit code. */
    boolean isLong() {
        return (sregs.efer() & EFER_LMA_BIT) != 0 && sregs.cs().isL();
    }

    CodeMode mode() {
        return CodeMode.of(isLong(), sregs.cs().isDb());
    }

    long codeBase() {
        return isLong() ? 0 : sregs.cs().base();
    }

    /** The linear address of the next instruction. */
    long linear() {
        return isLong() ? regs.rip() : codeBase() + regs.rip() & MASK_32;
    }

    /** A general register by its number in instructions. */
    long general(int number) {
        return switch (number) {
            case 0 -> regs.rax();
            case 1 -> regs.rcx();
            case 2 -> regs.rdx();
            case 3 -> regs.rbx();
            case 4 -> regs.rsp();
            case 5 -> regs.rbp();
            case 6 -> regs.rsi();
            case 7 -> regs.rdi();
            case 8 -> regs.r8();
            case 9 -> regs.r9();
            case 10 -> regs.r10();
            case 11 -> regs.r11();
            case 12 -> regs.r12();
            case 13 -> regs.r13();
            case 14 -> regs.r14();
            default -> regs.r15();
        };
    }

    /** The base of a segment that counts: ES, CS, SS and DS have none in 64-bit code. */
    long base(int segment) {
        if (isLong() && segment < 4) {
            return 0;
        }
        return switch (segment) {
            case 0 -> sregs.es().base();
            case 1 -> sregs.cs().base();
            case 2 -> sregs.ss().base();
            case 3 -> sregs.ds().base();
            case 4 -> sregs.fs().base();
            default -> sregs.gs().base();
        };
    }

    /** An offset of a segment as a linear address. */
    long linear(int segment, long offset) {
        long linear = base(segment) + offset;
        return isLong() ? linear : linear & MASK_32;
    }
}
