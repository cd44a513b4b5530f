package jkvm.soft.kvm;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmClearDirtyLog;
import jkvm.abi.KvmDirtyLog;
import jkvm.abi.KvmEnableCap;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.soft.jit.CompilerThread;

/**
 * A VM: its memory map, vCPUs, interrupt controllers and what else all its vCPUs share. Lives until its own descriptor
 * and those of its vCPUs are closed. Any thread may call.
 */
final class SoftVm extends SoftDescriptor {
    private static final Set<KvmIoctl> REQUESTS = Collections.unmodifiableSet(EnumSet.of(
            KvmIoctl.SET_USER_MEMORY_REGION, KvmIoctl.SET_TSS_ADDR, KvmIoctl.SET_IDENTITY_MAP_ADDR,
            KvmIoctl.SET_NR_MMU_PAGES, KvmIoctl.GET_NR_MMU_PAGES, KvmIoctl.GET_DIRTY_LOG, KvmIoctl.CLEAR_DIRTY_LOG,
            KvmIoctl.RESET_DIRTY_RINGS, KvmIoctl.CREATE_VCPU, KvmIoctl.SET_BOOT_CPU_ID, KvmIoctl.CREATE_IRQCHIP,
            KvmIoctl.IRQ_LINE, KvmIoctl.IRQ_LINE_STATUS, KvmIoctl.GET_IRQCHIP, KvmIoctl.SET_IRQCHIP,
            KvmIoctl.CREATE_PIT, KvmIoctl.GET_PIT, KvmIoctl.SET_PIT, KvmIoctl.CREATE_PIT2, KvmIoctl.GET_PIT2,
            KvmIoctl.SET_PIT2, KvmIoctl.REINJECT_CONTROL, KvmIoctl.SET_GSI_ROUTING, KvmIoctl.SIGNAL_MSI,
            KvmIoctl.IRQFD, KvmIoctl.SET_CLOCK, KvmIoctl.GET_CLOCK, KvmIoctl.IOEVENTFD,
            KvmIoctl.REGISTER_COALESCED_MMIO, KvmIoctl.UNREGISTER_COALESCED_MMIO, KvmIoctl.X86_SET_MSR_FILTER,
            KvmIoctl.CREATE_DEVICE, KvmIoctl.CHECK_EXTENSION, KvmIoctl.ENABLE_CAP, KvmIoctl.GET_STATS_FD,
            KvmIoctl.GET_TSC_KHZ, KvmIoctl.SET_TSC_KHZ));
    private static final int MIN_MMU_PAGES = 64;
    /** SET_TSS_ADDR: three pages have to fit below 4 GiB. */
    private static final long MAX_TSS_ADDRESS = 0xFFFF_D000L;

    private final MemorySlots memory = new MemorySlots(this);
    private final DirtyLog dirtyLog = new DirtyLog(this);
    private final IoEvents ioEvents = new IoEvents(this);
    private final MasterClock clock;
    private final VmTime time;
    private final CompilerThread compiler = new CompilerThread();
    private final Object splitLock = new Object();
    private final Irqchips irqchips;
    private final CoalescedZones coalesced;
    private final long ringAddress;
    private final int ringFile;
    /** All that were ever made, also those whose descriptors are closed: their numbers stay taken. */
    private volatile SoftVcpu[] vcpus = {};
    private volatile MsrFilter msrFilter;
    private volatile int userSpaceMsrs;
    private volatile boolean exceptionPayload, tripleFaultEvent;
    private volatile long exitHypercalls;
    private int bootCpu;
    private int maxVcpuIds;
    private long mmuPages;
    /** Open descriptors of the VM and its vCPUs. */
    private int openDescriptors;
    /** Times that all vCPUs lost their translations. */
    private volatile long tlbFlushes;

    private SoftVm(SoftKvm kvm, int ringFile, long ringAddress) {
        super(kvm, REQUESTS, NegatedErrno.ENOTTY);
        this.ringFile = ringFile;
        this.clock = new MasterClock(kvm.clock());
        this.time = new VmTime(kvm.clock());
        this.ringAddress = ringAddress;
        this.coalesced = new CoalescedZones(ringAddress);
        this.irqchips = new Irqchips(this);
    }

    /**
     * KVM_CREATE_VM.
     *
     * @return the descriptor's number, or a negated errno
     */
    static long create(SoftKvm kvm) {
        long file = kvm.createFile(ProcessMemory.PAGE, true);
        if (Syscalls.isError(file)) {
            return file;
        }
        long address = kvm.host().call(SyscallNumber.MMAP, 0, ProcessMemory.PAGE, 3, 1, file, 0);
        if (Syscalls.isError(address)) {
            kvm.host().call(SyscallNumber.CLOSE, file, 0, 0, 0, 0, 0);
            return address;
        }
        SoftVm vm = new SoftVm(kvm, (int) file, address);
        kvm.add(vm);
        vm.opened();
        long fd = kvm.give(0, true, vm);
        if (Syscalls.isError(fd)) {
            vm.closed();
        }
        return fd;
    }

    @Override
    long answer(KvmIoctl request, long argument) {
        return switch (request) {
            case SET_USER_MEMORY_REGION -> setRegion(argument);
            case GET_DIRTY_LOG -> dirtyLog.get(ProcessMemory.getInt(argument + KvmDirtyLog.SLOT_OFFSET),
                    ProcessMemory.getLong(argument + KvmDirtyLog.DIRTY_BITMAP_OFFSET));
            case CLEAR_DIRTY_LOG -> dirtyLog.clear(ProcessMemory.getInt(argument + KvmClearDirtyLog.SLOT_OFFSET),
                    ProcessMemory.getLong(argument + KvmClearDirtyLog.FIRST_PAGE_OFFSET),
                    ProcessMemory.getInt(argument + KvmClearDirtyLog.NUM_PAGES_OFFSET),
                    ProcessMemory.getLong(argument + KvmClearDirtyLog.DIRTY_BITMAP_OFFSET));
            case RESET_DIRTY_RINGS -> dirtyLog.resetRings();
            case SET_TSS_ADDR -> Long.compareUnsigned(argument, MAX_TSS_ADDRESS) > 0 ? NegatedErrno.EINVAL : 0;
            case SET_IDENTITY_MAP_ADDR -> hasVcpus() ? NegatedErrno.EINVAL : 0;
            case SET_NR_MMU_PAGES, GET_NR_MMU_PAGES -> mmuPages(request, argument);
            case CREATE_VCPU -> createVcpu((int) argument);
            case SET_BOOT_CPU_ID -> setBootCpu((int) argument);
            case SET_CLOCK -> setClock(argument);
            case GET_CLOCK -> clock.get(argument);
            case IOEVENTFD -> ioEvents.request(argument);
            case REGISTER_COALESCED_MMIO -> coalesced.request(argument, true);
            case UNREGISTER_COALESCED_MMIO -> coalesced.request(argument, false);
            case X86_SET_MSR_FILTER -> setMsrFilter(argument);
            case CREATE_DEVICE -> NegatedErrno.ENODEV;
            case CHECK_EXTENSION -> Capabilities.value(argument);
            case ENABLE_CAP -> enable(argument);
            case GET_STATS_FD -> StatsDescriptor.create(kvm, this, null);
            case GET_TSC_KHZ -> time.defaultKhz();
            case SET_TSC_KHZ -> time.setDefaultKhz(argument);
            default -> irqchips.answer(request, argument);
        };
    }

    private long setRegion(long address) {
        return memory.setRegion(ProcessMemory.getInt(address + KvmUserspaceMemoryRegion.SLOT_OFFSET),
                ProcessMemory.getInt(address + KvmUserspaceMemoryRegion.FLAGS_OFFSET),
                ProcessMemory.getLong(address + KvmUserspaceMemoryRegion.GUEST_PHYS_ADDR_OFFSET),
                ProcessMemory.getLong(address + KvmUserspaceMemoryRegion.MEMORY_SIZE_OFFSET),
                ProcessMemory.getLong(address + KvmUserspaceMemoryRegion.USERSPACE_ADDR_OFFSET));
    }

    private synchronized long mmuPages(KvmIoctl request, long argument) {
        if (request == KvmIoctl.GET_NR_MMU_PAGES) {
            return mmuPages;
        }
        if (Integer.compareUnsigned((int) argument, MIN_MMU_PAGES) < 0) {
            return NegatedErrno.EINVAL;
        }
        mmuPages = argument & 0xFFFFFFFFL;
        return 0;
    }

    private synchronized long setBootCpu(int id) {
        if (hasVcpus()) {
            return NegatedErrno.EBUSY;
        }
        bootCpu = id;
        return 0;
    }

    private synchronized long createVcpu(int id) {
        int limit = maxVcpuIds != 0 ? maxVcpuIds : Capabilities.MAX_VCPU_ID;
        if (Integer.compareUnsigned(id, limit) >= 0 || vcpus.length >= Capabilities.MAX_VCPUS) {
            return NegatedErrno.EINVAL;
        }
        if (vcpu(id) != null) {
            return NegatedErrno.EEXIST;
        }
        if (kvm.instructionClock() != null && hasVcpus()) {
            // One vCPU's instructions are the time of all.
            return NegatedErrno.EINVAL;
        }
        SoftVcpu vcpu = SoftVcpu.create(this, id);
        if (vcpu == null) {
            return NegatedErrno.ENOMEM;
        }
        opened();
        SoftVcpu[] all = Arrays.copyOf(vcpus, vcpus.length + 1);
        all[vcpus.length] = vcpu;
        vcpus = all;
        return vcpu.give();
    }

    private long setClock(long address) {
        long result = clock.set(address);
        for (SoftVcpu vcpu : vcpus) {
            vcpu.kvmClock().request();
        }
        return result;
    }

    private long setMsrFilter(long address) {
        try {
            msrFilter = MsrFilter.read(address, kvm.hostMemory());
        } catch (Refused e) {
            return e.error();
        }
        return 0;
    }

    /** KVM_ENABLE_CAP (KVM API 4.37 and chapter 7). */
    private long enable(long address) {
        int number = ProcessMemory.getInt(address + KvmEnableCap.CAP_OFFSET);
        if (ProcessMemory.getInt(address + KvmEnableCap.FLAGS_OFFSET) != 0) {
            return NegatedErrno.EINVAL;
        }
        long argument = ProcessMemory.getLong(address + KvmEnableCap.ARGS_OFFSET);
        if (number == KvmCap.MANUAL_DIRTY_LOG_PROTECT2.number()) {
            return dirtyLog.enableManual(argument);
        }
        if (number == KvmCap.DIRTY_LOG_RING.number() || number == KvmCap.DIRTY_LOG_RING_ACQ_REL.number()) {
            return dirtyLog.enableRings(argument);
        }
        if (number == KvmCap.SPLIT_IRQCHIP.number()) {
            return irqchips.split(argument);
        }
        if (number == KvmCap.X2APIC_API.number()) {
            return irqchips.enableX2apicApi(argument);
        }
        if (number == KvmCap.MAX_VCPU_ID.number()) {
            return limitVcpuIds(argument);
        }
        return enableFlags(number, argument);
    }

    private long enableFlags(int number, long argument) {
        if (number == KvmCap.X86_USER_SPACE_MSR.number()) {
            if ((argument & ~Capabilities.USER_SPACE_MSR_REASONS) != 0) {
                return NegatedErrno.EINVAL;
            }
            userSpaceMsrs = (int) argument;
        } else if (number == KvmCap.EXCEPTION_PAYLOAD.number()) {
            exceptionPayload = argument != 0;
        } else if (number == KvmCap.X86_TRIPLE_FAULT_EVENT.number()) {
            tripleFaultEvent = argument != 0;
        } else if (number == KvmCap.EXIT_HYPERCALL.number()) {
            if ((argument & ~Capabilities.EXIT_HYPERCALLS) != 0) {
                return NegatedErrno.EINVAL;
            }
            exitHypercalls = argument;
        } else {
            return NegatedErrno.EINVAL;
        }
        return 0;
    }

    private synchronized long limitVcpuIds(long limit) {
        if (Long.compareUnsigned(limit, Capabilities.MAX_VCPU_ID) > 0 || hasVcpus() || maxVcpuIds != 0) {
            return NegatedErrno.EINVAL;
        }
        maxVcpuIds = (int) limit;
        return 0;
    }

    /** Takes all vCPUs out of the guest and waits until they are; {@link MemorySlots} keeps them out. */
    void takeVcpusOut() {
        tlbFlushes++;
        for (SoftVcpu vcpu : vcpus) {
            vcpu.cpu().raiseAttention();
        }
        for (SoftVcpu vcpu : vcpus) {
            vcpu.gate().awaitOutside();
        }
    }

    /** Takes a signal for a thread: takes the vCPU that it runs out of KVM_RUN. */
    void signalThread(int thread, int signal) {
        for (SoftVcpu vcpu : vcpus) {
            vcpu.thread().signal(thread, signal);
        }
    }

    private synchronized void opened() {
        openDescriptors++;
    }

    @Override
    void closed() {
        synchronized (this) {
            if (--openDescriptors != 0) {
                return;
            }
        }
        kvm.remove(this);
        irqchips.close();
        ioEvents.close();
        compiler.close();
        for (SoftVcpu vcpu : vcpus) {
            vcpu.free();
        }
        kvm.host().call(SyscallNumber.MUNMAP, ringAddress, ProcessMemory.PAGE, 0, 0, 0, 0);
        kvm.host().call(SyscallNumber.CLOSE, ringFile, 0, 0, 0, 0, 0);
    }

    boolean hasVcpus() {
        return vcpus.length != 0;
    }

    boolean hasManyVcpus() {
        return vcpus.length > 1;
    }

    /** Held by the VM's vCPUs, one at a time, for locked accesses that the host cannot do at once. */
    Object splitLock() {
        return splitLock;
    }

    SoftVcpu[] vcpus() {
        return vcpus;
    }

    /** The vCPU of a number, or null. */
    SoftVcpu vcpu(int id) {
        for (SoftVcpu vcpu : vcpus) {
            if (vcpu.id() == id) {
                return vcpu;
            }
        }
        return null;
    }

    int bootCpu() {
        return bootCpu;
    }

    int ringFile() {
        return ringFile;
    }

    MemorySlots memory() {
        return memory;
    }

    DirtyLog dirtyLog() {
        return dirtyLog;
    }

    IoEvents ioEvents() {
        return ioEvents;
    }

    CoalescedZones coalesced() {
        return coalesced;
    }

    Irqchips irqchips() {
        return irqchips;
    }

    /** The thread that compiles the vCPUs' hot code. */
    CompilerThread compiler() {
        return compiler;
    }

    MasterClock clock() {
        return clock;
    }

    VmTime time() {
        return time;
    }

    /** The filter of the guest's MSR accesses, or null. */
    MsrFilter msrFilter() {
        return msrFilter;
    }

    /** For which reasons an MSR access exits: bits of KVM_CAP_X86_USER_SPACE_MSR. */
    int userSpaceMsrs() {
        return userSpaceMsrs;
    }

    boolean hasExceptionPayload() {
        return exceptionPayload;
    }

    boolean hasTripleFaultEvent() {
        return tripleFaultEvent;
    }

    long exitHypercalls() {
        return exitHypercalls;
    }

    long tlbFlushes() {
        return tlbFlushes;
    }
}
