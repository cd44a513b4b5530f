package jkvm.soft.kvm;

import jkvm.abi.KvmMsrs;
import jkvm.soft.cpu.CpuHost;

/** Model-specific registers of a vCPU that KVM keeps, not the processor. On the vCPU's thread. */
final class VcpuMsrs {
    /** Why an access goes to user space: bits of KVM_CAP_X86_USER_SPACE_MSR. */
    static final int INVALID = 1, UNKNOWN = 2, FILTERED = 4;
    private static final int TSC = 0x10, APIC_BASE = 0x1B, TSC_ADJUST = 0x3B;

    private final SoftVcpu vcpu;
    final MachineChecks machineChecks = new MachineChecks();

    VcpuMsrs(SoftVcpu vcpu) {
        this.vcpu = vcpu;
    }

    /** Answers as {@link CpuHost#readMsr}, the value in the processor's transfer register. */
    int read(int index, boolean byUser) {
        return CpuHost.UNKNOWN;
    }

    int write(int index, long value, boolean byUser) {
        return CpuHost.UNKNOWN;
    }
}
