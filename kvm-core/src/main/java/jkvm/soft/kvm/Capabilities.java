package jkvm.soft.kvm;

import jkvm.abi.KvmCap;
import jkvm.abi.KvmClockData;

/** The answers of KVM_CHECK_EXTENSION: the features of this KVM, and its limits (KVM API 4.4). */
final class Capabilities {
    static final int MAX_VCPUS = 1024;
    static final int MAX_VCPU_ID = 4096;
    static final int MAX_ROUTES = 4096;
    static final int MCE_BANKS = 32;
    /** Bits of KVM_CAP_X86_USER_SPACE_MSR and of KVM_CAP_X2APIC_API that exist. */
    static final int USER_SPACE_MSR_REASONS = 7, X2APIC_FLAGS = 3;
    /** KVM_CAP_EXIT_HYPERCALL: the one hypercall that can exit, KVM_HC_MAP_GPA_RANGE. */
    static final int EXIT_HYPERCALLS = 1 << 12;
    /** KVM_CAP_SET_GUEST_DEBUG2: the control bits of KVM_SET_GUEST_DEBUG. */
    static final int GUEST_DEBUG = 0x1F0003;
    static final int XSAVE_SIZE = 4096;
    static final int SYNC_REGS = 7;

    private static final int[] VALUES = new int[256];

    static {
        for (KvmCap one : new KvmCap[] {KvmCap.IRQCHIP, KvmCap.HLT, KvmCap.MMU_SHADOW_CACHE_CONTROL,
                KvmCap.USER_MEMORY, KvmCap.SET_TSS_ADDR, KvmCap.EXT_CPUID, KvmCap.CLOCKSOURCE, KvmCap.PIT,
                KvmCap.NOP_IO_DELAY, KvmCap.MP_STATE, KvmCap.SYNC_MMU, KvmCap.DESTROY_MEMORY_REGION_WORKS,
                KvmCap.USER_NMI, KvmCap.SET_GUEST_DEBUG, KvmCap.REINJECT_CONTROL, KvmCap.IRQ_INJECT_STATUS,
                KvmCap.JOIN_MEMORY_REGIONS_WORKS, KvmCap.IRQFD, KvmCap.PIT2, KvmCap.SET_BOOT_CPU_ID,
                KvmCap.PIT_STATE2, KvmCap.IOEVENTFD, KvmCap.SET_IDENTITY_MAP_ADDR, KvmCap.INTERNAL_ERROR_DATA,
                KvmCap.VCPU_EVENTS, KvmCap.PCI_SEGMENT, KvmCap.INTR_SHADOW, KvmCap.DEBUGREGS,
                KvmCap.X86_ROBUST_SINGLESTEP, KvmCap.ENABLE_CAP, KvmCap.XSAVE, KvmCap.XCRS, KvmCap.TSC_CONTROL,
                KvmCap.GET_TSC_KHZ, KvmCap.TSC_DEADLINE_TIMER, KvmCap.KVMCLOCK_CTRL, KvmCap.SIGNAL_MSI,
                KvmCap.READONLY_MEM, KvmCap.IRQFD_RESAMPLE, KvmCap.DEVICE_CTRL, KvmCap.IOAPIC_POLARITY_IGNORED,
                KvmCap.ENABLE_CAP_VM, KvmCap.IOEVENTFD_NO_LENGTH, KvmCap.CHECK_EXTENSION_VM, KvmCap.SPLIT_IRQCHIP,
                KvmCap.IOEVENTFD_ANY_LENGTH, KvmCap.VCPU_ATTRIBUTES, KvmCap.IMMEDIATE_EXIT, KvmCap.GET_MSR_FEATURES,
                KvmCap.COALESCED_PIO, KvmCap.EXCEPTION_PAYLOAD, KvmCap.LAST_CPU, KvmCap.X86_MSR_FILTER,
                KvmCap.SREGS2, KvmCap.BINARY_STATS_FD, KvmCap.VM_TSC_CONTROL, KvmCap.X86_TRIPLE_FAULT_EVENT}) {
            value(one, 1);
        }
        value(KvmCap.NR_VCPUS, MAX_VCPUS);
        value(KvmCap.MAX_VCPUS, MAX_VCPUS);
        value(KvmCap.MAX_VCPU_ID, MAX_VCPU_ID);
        value(KvmCap.NR_MEMSLOTS, MemorySlots.MAX_SLOTS);
        value(KvmCap.COALESCED_MMIO, SoftVcpu.COALESCED_PAGE);
        value(KvmCap.IRQ_ROUTING, MAX_ROUTES);
        value(KvmCap.MCE, MCE_BANKS);
        value(KvmCap.ADJUST_CLOCK, KvmClockData.TSC_STABLE | KvmClockData.REALTIME | KvmClockData.HOST_TSC);
        value(KvmCap.SYNC_REGS, SYNC_REGS);
        value(KvmCap.X2APIC_API, X2APIC_FLAGS);
        value(KvmCap.X86_USER_SPACE_MSR, USER_SPACE_MSR_REASONS);
        value(KvmCap.MANUAL_DIRTY_LOG_PROTECT2, DirtyLog.MANUAL | DirtyLog.INITIALLY_SET);
        value(KvmCap.DIRTY_LOG_RING, DirtyLog.MAX_RING_SIZE);
        value(KvmCap.DIRTY_LOG_RING_ACQ_REL, DirtyLog.MAX_RING_SIZE);
        value(KvmCap.SET_GUEST_DEBUG2, GUEST_DEBUG);
        value(KvmCap.EXIT_HYPERCALL, EXIT_HYPERCALLS);
        value(KvmCap.XSAVE2, XSAVE_SIZE);
    }

    private Capabilities() {
    }

    private static void value(KvmCap capability, int value) {
        VALUES[capability.number()] = value;
    }

    /** The value of a capability; zero if it is absent or unknown. */
    static int value(long number) {
        return number >= 0 && number < VALUES.length ? VALUES[(int) number] : 0;
    }
}
