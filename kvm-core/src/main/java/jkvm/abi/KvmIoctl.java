package jkvm.abi;

/**
 * KVM's requests on x86, grouped by the kind of file descriptor that takes them. Each names the capability that a
 * kernel must have for it; null where every KVM has it.
 */
public enum KvmIoctl {
    // System
    GET_API_VERSION(io(0x00), null),
    CREATE_VM(io(0x01), null),
    GET_MSR_INDEX_LIST(iowr(0x02, KvmMsrList.SIZE), null),
    CHECK_EXTENSION(io(0x03), null),
    GET_VCPU_MMAP_SIZE(io(0x04), null),
    GET_SUPPORTED_CPUID(iowr(0x05, KvmCpuid2.SIZE), KvmCap.EXT_CPUID),
    GET_EMULATED_CPUID(iowr(0x09, KvmCpuid2.SIZE), KvmCap.EXT_EMUL_CPUID),
    GET_MSR_FEATURE_INDEX_LIST(iowr(0x0a, KvmMsrList.SIZE), KvmCap.GET_MSR_FEATURES),
    X86_GET_MCE_CAP_SUPPORTED(ior(0x9d, 8), KvmCap.MCE),

    // VM: memory
    SET_USER_MEMORY_REGION(iow(0x46, KvmUserspaceMemoryRegion.SIZE), KvmCap.USER_MEMORY),
    SET_USER_MEMORY_REGION2(iow(0x49, KvmUserspaceMemoryRegion2.SIZE), KvmCap.USER_MEMORY2),
    SET_TSS_ADDR(io(0x47), KvmCap.SET_TSS_ADDR),
    SET_IDENTITY_MAP_ADDR(iow(0x48, 8), KvmCap.SET_IDENTITY_MAP_ADDR),
    SET_NR_MMU_PAGES(io(0x44), KvmCap.MMU_SHADOW_CACHE_CONTROL),
    GET_NR_MMU_PAGES(io(0x45), KvmCap.MMU_SHADOW_CACHE_CONTROL),
    GET_DIRTY_LOG(iow(0x42, KvmDirtyLog.SIZE), null),
    CLEAR_DIRTY_LOG(iowr(0xc0, KvmClearDirtyLog.SIZE), KvmCap.MANUAL_DIRTY_LOG_PROTECT2),
    RESET_DIRTY_RINGS(io(0xc7), KvmCap.DIRTY_LOG_RING),
    SET_MEMORY_ATTRIBUTES(iow(0xd2, 32), KvmCap.MEMORY_ATTRIBUTES),
    CREATE_GUEST_MEMFD(iowr(0xd4, 64), KvmCap.GUEST_MEMFD),

    // VM: vCPUs, interrupts, timers
    CREATE_VCPU(io(0x41), null),
    SET_BOOT_CPU_ID(io(0x78), KvmCap.SET_BOOT_CPU_ID),
    CREATE_IRQCHIP(io(0x60), KvmCap.IRQCHIP),
    IRQ_LINE(iow(0x61, KvmIrqLevel.SIZE), KvmCap.IRQCHIP),
    IRQ_LINE_STATUS(iowr(0x67, KvmIrqLevel.SIZE), KvmCap.IRQ_INJECT_STATUS),
    GET_IRQCHIP(iowr(0x62, KvmIrqchip.SIZE), KvmCap.IRQCHIP),
    SET_IRQCHIP(ior(0x63, KvmIrqchip.SIZE), KvmCap.IRQCHIP),
    CREATE_PIT(io(0x64), KvmCap.PIT),
    GET_PIT(iowr(0x65, 72), KvmCap.PIT),
    SET_PIT(ior(0x66, 72), KvmCap.PIT),
    CREATE_PIT2(iow(0x77, KvmPitConfig.SIZE), KvmCap.PIT2),
    GET_PIT2(ior(0x9f, KvmPitState2.SIZE), KvmCap.PIT_STATE2),
    SET_PIT2(iow(0xa0, KvmPitState2.SIZE), KvmCap.PIT_STATE2),
    REINJECT_CONTROL(io(0x71), KvmCap.REINJECT_CONTROL),
    SET_GSI_ROUTING(iow(0x6a, KvmIrqRouting.SIZE), KvmCap.IRQ_ROUTING),
    SIGNAL_MSI(iow(0xa5, KvmMsi.SIZE), KvmCap.SIGNAL_MSI),
    IRQFD(iow(0x76, KvmIrqfd.SIZE), KvmCap.IRQFD),
    SET_CLOCK(iow(0x7b, KvmClockData.SIZE), KvmCap.ADJUST_CLOCK),
    GET_CLOCK(ior(0x7c, KvmClockData.SIZE), KvmCap.ADJUST_CLOCK),

    // VM: exits
    IOEVENTFD(iow(0x79, KvmIoeventfd.SIZE), KvmCap.IOEVENTFD),
    REGISTER_COALESCED_MMIO(iow(0x67, KvmCoalescedMmioZone.SIZE), KvmCap.COALESCED_MMIO),
    UNREGISTER_COALESCED_MMIO(iow(0x68, KvmCoalescedMmioZone.SIZE), KvmCap.COALESCED_MMIO),
    X86_SET_MSR_FILTER(iow(0xc6, KvmMsrFilter.SIZE), KvmCap.X86_MSR_FILTER),
    SET_PMU_EVENT_FILTER(iow(0xb2, 32), KvmCap.PMU_EVENT_FILTER),

    // VM: devices, guests of other hypervisors, encryption
    CREATE_DEVICE(iowr(0xe0, KvmCreateDevice.SIZE), KvmCap.DEVICE_CTRL),
    HYPERV_EVENTFD(iow(0xbd, 24), KvmCap.HYPERV_EVENTFD),
    XEN_HVM_CONFIG(iow(0x7a, 56), KvmCap.XEN_HVM),
    XEN_HVM_GET_ATTR(iowr(0xc8, 72), KvmCap.XEN_HVM),
    XEN_HVM_SET_ATTR(iow(0xc9, 72), KvmCap.XEN_HVM),
    XEN_HVM_EVTCHN_SEND(iow(0xd0, 12), KvmCap.XEN_HVM),
    MEMORY_ENCRYPT_OP(iowr(0xba, 8), null),
    MEMORY_ENCRYPT_REG_REGION(ior(0xbb, 16), null),
    MEMORY_ENCRYPT_UNREG_REGION(ior(0xbc, 16), null),

    // vCPU: running
    RUN(io(0x80), null),
    SET_SIGNAL_MASK(iow(0x8b, 4), null),
    PRE_FAULT_MEMORY(iowr(0xd5, 64), KvmCap.PRE_FAULT_MEMORY),
    TRANSLATE(iowr(0x85, KvmTranslation.SIZE), null),
    SET_GUEST_DEBUG(iow(0x9b, KvmGuestDebug.SIZE), KvmCap.SET_GUEST_DEBUG),

    // vCPU: state
    GET_REGS(ior(0x81, KvmRegs.SIZE), null),
    SET_REGS(iow(0x82, KvmRegs.SIZE), null),
    GET_SREGS(ior(0x83, KvmSregs.SIZE), null),
    SET_SREGS(iow(0x84, KvmSregs.SIZE), null),
    GET_SREGS2(ior(0xcc, KvmSregs2.SIZE), KvmCap.SREGS2),
    SET_SREGS2(iow(0xcd, KvmSregs2.SIZE), KvmCap.SREGS2),
    GET_FPU(ior(0x8c, KvmFpu.SIZE), null),
    SET_FPU(iow(0x8d, KvmFpu.SIZE), null),
    GET_XSAVE(ior(0xa4, KvmXsave.SIZE), KvmCap.XSAVE),
    SET_XSAVE(iow(0xa5, KvmXsave.SIZE), KvmCap.XSAVE),
    GET_XSAVE2(ior(0xcf, KvmXsave.SIZE), KvmCap.XSAVE2),
    GET_XCRS(ior(0xa6, KvmXcrs.SIZE), KvmCap.XCRS),
    SET_XCRS(iow(0xa7, KvmXcrs.SIZE), KvmCap.XCRS),
    GET_MSRS(iowr(0x88, KvmMsrs.SIZE), null),
    SET_MSRS(iow(0x89, KvmMsrs.SIZE), null),
    SET_CPUID(iow(0x8a, 8), null),
    SET_CPUID2(iow(0x90, KvmCpuid2.SIZE), KvmCap.EXT_CPUID),
    GET_CPUID2(iowr(0x91, KvmCpuid2.SIZE), KvmCap.EXT_CPUID),
    GET_SUPPORTED_HV_CPUID(iowr(0xc1, KvmCpuid2.SIZE), KvmCap.HYPERV_CPUID),
    GET_DEBUGREGS(ior(0xa1, KvmDebugRegs.SIZE), KvmCap.DEBUGREGS),
    SET_DEBUGREGS(iow(0xa2, KvmDebugRegs.SIZE), KvmCap.DEBUGREGS),
    GET_MP_STATE(ior(0x98, KvmMpState.SIZE), KvmCap.MP_STATE),
    SET_MP_STATE(iow(0x99, KvmMpState.SIZE), KvmCap.MP_STATE),
    GET_NESTED_STATE(iowr(0xbe, KvmNestedState.SIZE), KvmCap.NESTED_STATE),
    SET_NESTED_STATE(iow(0xbf, KvmNestedState.SIZE), KvmCap.NESTED_STATE),
    GET_ONE_REG(iow(0xab, 16), KvmCap.ONE_REG),
    SET_ONE_REG(iow(0xac, 16), KvmCap.ONE_REG),
    GET_REG_LIST(iowr(0xb0, 8), KvmCap.ONE_REG),
    XEN_VCPU_GET_ATTR(iowr(0xca, 72), KvmCap.XEN_HVM),
    XEN_VCPU_SET_ATTR(iow(0xcb, 72), KvmCap.XEN_HVM),

    // vCPU: interrupts and time
    GET_LAPIC(ior(0x8e, KvmLapicState.SIZE), KvmCap.IRQCHIP),
    SET_LAPIC(iow(0x8f, KvmLapicState.SIZE), KvmCap.IRQCHIP),
    GET_VCPU_EVENTS(ior(0x9f, KvmVcpuEvents.SIZE), KvmCap.VCPU_EVENTS),
    SET_VCPU_EVENTS(iow(0xa0, KvmVcpuEvents.SIZE), KvmCap.VCPU_EVENTS),
    INTERRUPT(iow(0x86, KvmInterrupt.SIZE), null),
    NMI(io(0x9a), KvmCap.USER_NMI),
    SMI(io(0xb7), KvmCap.X86_SMM),
    X86_SETUP_MCE(iow(0x9c, 8), KvmCap.MCE),
    X86_SET_MCE(iow(0x9e, KvmX86Mce.SIZE), KvmCap.MCE),
    TPR_ACCESS_REPORTING(iowr(0x92, KvmTprAccessCtl.SIZE), KvmCap.VAPIC),
    SET_VAPIC_ADDR(iow(0x93, 8), KvmCap.VAPIC),
    SET_TSC_KHZ(io(0xa2), KvmCap.TSC_CONTROL),
    GET_TSC_KHZ(io(0xa3), KvmCap.GET_TSC_KHZ),
    KVMCLOCK_CTRL(io(0xad), KvmCap.KVMCLOCK_CTRL),

    // VM, vCPU or device
    ENABLE_CAP(iow(0xa3, KvmEnableCap.SIZE), KvmCap.ENABLE_CAP_VM),
    GET_STATS_FD(io(0xce), KvmCap.BINARY_STATS_FD),
    SET_DEVICE_ATTR(iow(0xe1, KvmDeviceAttr.SIZE), null),
    GET_DEVICE_ATTR(iow(0xe2, KvmDeviceAttr.SIZE), null),
    HAS_DEVICE_ATTR(iow(0xe3, KvmDeviceAttr.SIZE), null);

    private final long number;
    private final KvmCap capability;

    KvmIoctl(long number, KvmCap capability) {
        this.number = number;
        this.capability = capability;
    }

    /** The request number for {@code ioctl(2)}. */
    public long number() {
        return number;
    }

    /** The capability that the request needs, or null. */
    public KvmCap capability() {
        return capability;
    }

    /** The kernel's name. */
    public String kernelName() {
        return "KVM_" + name();
    }

    private static final class Direction {
        static final int TYPE = 0xAE;
        static final long WRITE = 1L << 30;
        static final long READ = 2L << 30;
    }

    private static long io(int number) {
        return Direction.TYPE << 8 | number;
    }

    private static long iow(int number, long size) {
        return Direction.WRITE | size << 16 | io(number);
    }

    private static long ior(int number, long size) {
        return Direction.READ | size << 16 | io(number);
    }

    private static long iowr(int number, long size) {
        return Direction.WRITE | ior(number, size);
    }
}
