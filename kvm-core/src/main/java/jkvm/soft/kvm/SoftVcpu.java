package jkvm.soft.kvm;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import jkvm.abi.KvmDirtyGfn;
import jkvm.abi.KvmIoctl;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.irqchip.Lapic;
import jkvm.soft.irqchip.PvEoi;
import jkvm.soft.irqchip.VcpuSignals;
import jkvm.soft.mmu.Interruption;
import jkvm.work.InstructionClock;

/**
 * A vCPU: its processor, its memory shared with user space, and its lock. One request at a time: while one thread is in
 * KVM_RUN, all others wait, whatever they request. Meanwhile other threads may only interrupt, send a signal, and take
 * it out of the guest for a change of memory.
 *
 * <p>Locking: {@link #mutex} is held during each request. Inside the guest ({@link GuestGate}) no lock is taken but
 * those of the interrupt controllers.
 */
final class SoftVcpu extends SoftDescriptor {
    /** Pages of the memory shared with user space, and the one of them that is the coalesced ring. */
    static final int SHARED_PAGES = 3, COALESCED_PAGE = 2;
    private static final Set<KvmIoctl> REQUESTS = Collections.unmodifiableSet(EnumSet.of(KvmIoctl.RUN,
            KvmIoctl.SET_SIGNAL_MASK, KvmIoctl.TRANSLATE, KvmIoctl.SET_GUEST_DEBUG, KvmIoctl.GET_REGS,
            KvmIoctl.SET_REGS, KvmIoctl.GET_SREGS, KvmIoctl.SET_SREGS, KvmIoctl.GET_SREGS2, KvmIoctl.SET_SREGS2,
            KvmIoctl.GET_FPU, KvmIoctl.SET_FPU, KvmIoctl.GET_XSAVE, KvmIoctl.SET_XSAVE, KvmIoctl.GET_XSAVE2,
            KvmIoctl.GET_XCRS, KvmIoctl.SET_XCRS, KvmIoctl.GET_MSRS, KvmIoctl.SET_MSRS, KvmIoctl.SET_CPUID2,
            KvmIoctl.GET_CPUID2, KvmIoctl.GET_DEBUGREGS, KvmIoctl.SET_DEBUGREGS, KvmIoctl.GET_MP_STATE,
            KvmIoctl.SET_MP_STATE, KvmIoctl.GET_LAPIC, KvmIoctl.SET_LAPIC, KvmIoctl.GET_VCPU_EVENTS,
            KvmIoctl.SET_VCPU_EVENTS, KvmIoctl.INTERRUPT, KvmIoctl.NMI, KvmIoctl.SMI, KvmIoctl.X86_SETUP_MCE,
            KvmIoctl.X86_SET_MCE, KvmIoctl.SET_TSC_KHZ, KvmIoctl.GET_TSC_KHZ, KvmIoctl.KVMCLOCK_CTRL,
            KvmIoctl.GET_STATS_FD, KvmIoctl.SET_DEVICE_ATTR, KvmIoctl.GET_DEVICE_ATTR, KvmIoctl.HAS_DEVICE_ATTR));

    private final SoftVm vm;
    private final int id;
    private final ReentrantLock mutex = new ReentrantLock();
    private final RunPage page;
    private final int file;
    private final long sharedSize;
    private final VcpuSignals signals = new ChipSignals(this);
    private final VcpuStats stats = new VcpuStats();
    private final TimeStampCounter tsc;
    private final PendingEvents events = new PendingEvents(this);
    private final DirtyRingWriter dirtyRing;
    private final VcpuBus bus;
    private final VcpuHost host;
    private final Cpu cpu;
    private final Lapic lapic;
    private final KvmClock kvmClock;
    private final VcpuMsrs msrs;
    private final RunningThread thread;
    private final GuestGate gate;
    private final RunLoop loop;
    private final VcpuReset reset;
    private final VcpuRequests requests;
    /** CR8 where there is no LAPIC, and IA32_APIC_BASE. */
    private long taskPriority;
    private long apicBase;
    private boolean pvEoi;
    private volatile boolean unhalted;

    private SoftVcpu(SoftVm vm, int id, int file, long shared, long sharedSize) {
        super(vm.kvm, REQUESTS, NegatedErrno.EINVAL);
        this.vm = vm;
        this.id = id;
        this.file = file;
        this.sharedSize = sharedSize;
        this.page = new RunPage(shared);
        this.tsc = new TimeStampCounter(vm.time());
        int ringSize = vm.dirtyLog().ringSize();
        this.dirtyRing = ringSize == 0 ? null
                : new DirtyRingWriter(shared + KvmDirtyGfn.RING_PAGE * ProcessMemory.PAGE, ringSize);
        this.bus = new VcpuBus(this);
        this.host = new VcpuHost(this);
        this.cpu = new Cpu(host, bus);
        this.thread = new RunningThread(vm.kvm.host(), cpu);
        this.gate = new GuestGate(vm.memory(), cpu, stats);
        cpu.mmu.shareSplitLock(vm.splitLock());
        cpu.observe(kvm.observer(id));
        cpu.random = kvm.random(id);
        if (kvm.instructionClock() != null) {
            cpu.counts = true;
            kvm.instructionClock().attach(new Instructions());
        }
        this.lapic = vm.irqchips().newLapic(this);
        this.kvmClock = new KvmClock(this);
        this.msrs = new VcpuMsrs(this);
        this.loop = new RunLoop(this);
        this.requests = new VcpuRequests(this);
        this.reset = new VcpuReset(this);
    }

    /** Makes a vCPU with its shared memory; null where the host has none. {@link #give()} gives it out. */
    static SoftVcpu create(SoftVm vm, int id) {
        int ringSize = vm.dirtyLog().ringSize();
        long size = ringSize == 0 ? SHARED_PAGES * ProcessMemory.PAGE
                : KvmDirtyGfn.RING_PAGE * ProcessMemory.PAGE + ringSize;
        Syscalls host = vm.kvm.host();
        long file = vm.kvm.createFile(size, true);
        if (Syscalls.isError(file)) {
            return null;
        }
        long shared = host.call(SyscallNumber.MMAP, 0, size, 3, 1, file, 0);
        if (Syscalls.isError(shared)) {
            host.call(SyscallNumber.CLOSE, file, 0, 0, 0, 0, 0);
            return null;
        }
        SoftVcpu vcpu = new SoftVcpu(vm, id, (int) file, shared, size);
        vcpu.reset.powerOn();
        return vcpu;
    }

    /** @return its descriptor's number */
    int give() {
        kvm.give(file, this);
        return file;
    }

    /**
     * KVM_RUN.
     *
     * @return zero with an exit reason in the shared memory, or a negated errno
     */
    long run(long argument) {
        if (argument != 0) {
            return NegatedErrno.EINVAL;
        }
        mutex.lock();
        try {
            thread.enter();
            try {
                return loop.run();
            } finally {
                thread.leave();
            }
        } finally {
            mutex.unlock();
        }
    }

    @Override
    long answer(KvmIoctl request, long argument) {
        mutex.lock();
        try {
            return request == KvmIoctl.RUN ? run(argument) : requests.answer(request, argument);
        } finally {
            mutex.unlock();
        }
    }

    /** Logs a page that the guest is about to write. */
    void logDirty(MemorySlot slot, long pageNumber) {
        if (dirtyRing == null) {
            slot.dirty.add(pageNumber);
            return;
        }
        if (dirtyRing.isFull()) {
            cpu.raiseAttention();
            throw Interruption.HOST_FAULT;
        }
        if (slot.dirty.add(pageNumber)) {
            dirtyRing.add(slot.id, pageNumber);
            if (dirtyRing.isSoftFull()) {
                cpu.raiseAttention();
            }
        }
    }

    /** Called when the guest can take an interrupt, or an NMI, that it could not before. */
    void windowOpened() {
        loop.windowOpened();
    }

    @Override
    boolean isMappable() {
        return true;
    }

    @Override
    void closed() {
        vm.closed();
    }

    /** Gives the shared memory back as the VM ends, once no thread is in KVM_RUN. */
    void free() {
        mutex.lock();
        try {
            kvm.host().call(SyscallNumber.MUNMAP, page.address(), sharedSize, 0, 0, 0, 0);
        } finally {
            mutex.unlock();
        }
    }

    SoftVm vm() {
        return vm;
    }

    int id() {
        return id;
    }

    boolean isBootCpu() {
        return id == vm.bootCpu();
    }

    RunPage page() {
        return page;
    }

    VcpuStats stats() {
        return stats;
    }

    TimeStampCounter tsc() {
        return tsc;
    }

    PendingEvents events() {
        return events;
    }

    DirtyRingWriter dirtyRing() {
        return dirtyRing;
    }

    VcpuBus bus() {
        return bus;
    }

    VcpuHost host() {
        return host;
    }

    Cpu cpu() {
        return cpu;
    }

    VcpuMsrs msrs() {
        return msrs;
    }

    KvmClock kvmClock() {
        return kvmClock;
    }

    /** True where the guest may end an interrupt by a flag in its memory. */
    boolean hasPvEoi() {
        return pvEoi;
    }

    /** Sets where the guest has that flag; -1 for none. */
    void pvEoi(long gpa) {
        pvEoi = gpa >= 0;
        lapic.ends().setFlag(pvEoi ? new GuestEoiFlag(bus, gpa) : PvEoi.NONE);
    }

    /** The thread in KVM_RUN. */
    RunningThread thread() {
        return thread;
    }

    /** The gate into the guest. */
    GuestGate gate() {
        return gate;
    }

    VcpuReset reset() {
        return reset;
    }

    RunLoop loop() {
        return loop;
    }

    VcpuRequests requests() {
        return requests;
    }

    /** The local APIC inside KVM, or null. */
    Lapic lapic() {
        return lapic;
    }

    boolean hasLapic() {
        return lapic != null;
    }

    /** The receiver of the interrupt controllers' signals to this vCPU. */
    VcpuSignals signals() {
        return signals;
    }

    /** KVM_HC_KICK_CPU of another vCPU: a halt ends, or the next one does at once. */
    void unhalt() {
        unhalted = true;
        thread.attend();
    }

    boolean isUnhalted() {
        return unhalted;
    }

    void takeUnhalt() {
        unhalted = false;
    }

    /** CR8. */
    long taskPriority() {
        return lapic != null ? lapic.taskPriority() : taskPriority;
    }

    void taskPriority(long value) {
        if (lapic != null) {
            lapic.setTaskPriority(value);
        } else {
            taskPriority = value;
        }
    }

    /** IA32_APIC_BASE. */
    long apicBase() {
        return lapic != null ? lapic.apicBase() : apicBase;
    }

    /** @return false for a value that it does not take */
    boolean apicBase(long value, boolean fromGuest) {
        if (lapic != null) {
            return lapic.setApicBase(value, fromGuest);
        }
        if (!SpecialRegisters.isValidApicBase(value)) {
            return false;
        }
        apicBase = value;
        return true;
    }

    /** The instructions of this vCPU, for the clock that counts them. */
    private final class Instructions implements InstructionClock.Counter {
        @Override
        public long instructions() {
            return cpu.instructions;
        }

        @Override
        public void attend() {
            thread.attend();
        }
    }
}
