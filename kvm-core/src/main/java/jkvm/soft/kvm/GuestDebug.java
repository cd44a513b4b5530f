package jkvm.soft.kvm;

import jkvm.abi.KvmGuestDebug;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.ExitCause;
import jkvm.soft.cpu.Segment;
import jkvm.soft.mmu.GuestException;

/** Single step and breakpoints for user space (KVM_SET_GUEST_DEBUG, KVM API 4.87). On the vCPU's thread. */
final class GuestDebug {
    /** DR6 with no condition, and the bit for a single step; DR7 with nothing enabled. */
    private static final long DR6_NOTHING = 0xFFFF_0FF0L, DR6_STEP = 1 << 14, DR7_NOTHING = 0x400;

    private final SoftVcpu vcpu;
    private final Cpu cpu;
    private int control;
    private final long[] registers = new long[8];

    GuestDebug(SoftVcpu vcpu) {
        this.vcpu = vcpu;
        this.cpu = vcpu.cpu();
    }

    /** KVM_SET_GUEST_DEBUG. */
    long set(long address) {
        int wanted = ProcessMemory.getInt(address + KvmGuestDebug.CONTROL_OFFSET);
        if ((wanted & (KvmGuestDebug.INJECT_DB | KvmGuestDebug.INJECT_BP)) != 0) {
            if (vcpu.events().exceptionPending) {
                return NegatedErrno.EBUSY;
            }
            vcpu.events().queueException((wanted & KvmGuestDebug.INJECT_DB) != 0 ? GuestException.DB
                    : GuestException.BP);
        }
        control = (wanted & KvmGuestDebug.ENABLE) != 0 ? wanted : 0;
        for (int i = 0; i < registers.length; i++) {
            registers[i] = ProcessMemory.getLong(address + KvmGuestDebug.DEBUGREG_OFFSET + i * 8L);
        }
        cpu.guestDebug = control;
        System.arraycopy(registers, 0, cpu.userDr, 0, registers.length);
        return 0;
    }

    boolean isStepping() {
        return (control & KvmGuestDebug.SINGLESTEP) != 0;
    }

    private long pc() {
        return cpu.segments[Segment.CS].base + cpu.rip;
    }

    /** Called after each instruction of a guest that is stepped. An instruction after STI or MOV SS goes with it. */
    int afterInstruction(int cause) {
        if (cause != ExitCause.NONE && cause != ExitCause.WRITTEN || cpu.stiShadow || cpu.movSsShadow) {
            return 1;
        }
        vcpu.page().debug(GuestException.DB, pc(), DR6_NOTHING | DR6_STEP, DR7_NOTHING);
        return 0;
    }

    /** Writes the debug exit after an instruction that user space has answered. */
    void exitAfterCompletion() {
        vcpu.page().debug(GuestException.DB, pc(), DR6_NOTHING | DR6_STEP, 0);
    }

    /** Writes the exit for a breakpoint or step that the processor has met. */
    int exit() {
        boolean breakpoint = cpu.fault.vector == GuestException.BP;
        vcpu.page().debug(cpu.fault.vector, pc(), breakpoint ? 0 : DR6_NOTHING | cpu.fault.payload,
                breakpoint ? 0 : registers[7]);
        return 0;
    }
}
