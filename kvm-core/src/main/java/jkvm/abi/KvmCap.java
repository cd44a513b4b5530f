package jkvm.abi;

/** Capabilities that KVM_CHECK_EXTENSION answers for, and what jkvm uses each one for. */
public enum KvmCap {
    IRQCHIP(0, "PIC, IOAPIC and LAPIC in the kernel"),
    USER_MEMORY(3, "guest memory from this process"),
    SET_TSS_ADDR(4, "place of the task state segment that VMX needs for real mode"),
    EXT_CPUID(7, "CPUID as the host supports it"),
    NR_VCPUS(9, "recommended number of vCPUs"),
    NR_MEMSLOTS(10, "number of memory slots"),
    SET_IDENTITY_MAP_ADDR(37, "place of the identity map that VMX needs for real mode"),
    PIT2(33, "interval timer in the kernel"),
    MAX_VCPUS(66, "largest number of vCPUs"),
    IMMEDIATE_EXIT(136, "stopping a vCPU without a lost wake-up");

    private final int number;
    private final String use;

    KvmCap(int number, String use) {
        this.number = number;
        this.use = use;
    }

    /** The number in {@code <linux/kvm.h>}. */
    public int number() {
        return number;
    }

    /** What jkvm uses it for. */
    public String use() {
        return use;
    }

    /** The kernel's name. */
    public String kernelName() {
        return "KVM_CAP_" + name();
    }
}
