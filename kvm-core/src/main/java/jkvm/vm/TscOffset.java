package jkvm.vm;

import jkvm.abi.KvmCap;
import jkvm.abi.KvmDeviceAttr;

/**
 * The offset of a vCPU's time stamp counter from the host's, in ticks (KVM API, KVM_VCPU_TSC_CTRL; Linux 5.16). Read
 * and set while the vCPU is paused.
 */
public final class TscOffset {
    private TscOffset() {
    }

    /** True if this KVM lets the offset be read and set. */
    public static boolean isSettable(Vcpu vcpu) {
        return vcpu.has(KvmCap.VCPU_ATTRIBUTES)
                && vcpu.attributes().has(KvmDeviceAttr.VCPU_TSC_CTRL, KvmDeviceAttr.TSC_OFFSET);
    }

    /** The vCPU's offset, where it {@linkplain #isSettable is settable}. */
    public static long of(Vcpu vcpu) {
        return vcpu.attributes().readLong(KvmDeviceAttr.VCPU_TSC_CTRL, KvmDeviceAttr.TSC_OFFSET);
    }

    /** Sets the vCPU's offset, where it {@linkplain #isSettable is settable}. */
    public static void set(Vcpu vcpu, long ticks) {
        vcpu.attributes().writeLong(KvmDeviceAttr.VCPU_TSC_CTRL, KvmDeviceAttr.TSC_OFFSET, ticks);
    }
}
