package jkvm.soft.kvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
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
 * A vCPU: its processor, what it shares with user space, and its lock. One request at a time: while one thread is in
 * KVM_RUN, all others wait, whatever they want of it. What other threads may do meanwhile is to interrupt, to send a
 * signal, and to take it out of the guest for a change of memory.
 *
 * <p>Locking: {@link #mutex} is held during each request. Inside the guest ({@link #enterGuest()}) no lock is taken but
 * those of the interrupt controllers.
 */
final class SoftVcpu extends Descriptor {
    /** Pages of the memory shared with user space, and the one of them that is the coalesced ring. */
    static final int SHARED_PAGES = 3, COALESCED_PAGE = 2;
    private static final long RT_SIGPENDING = 127;
    private static final int OUTSIDE = 0, INSIDE = 1;
    private static final int SPINS = 1000;
    private static final long WAIT_NANOS = 20_000;
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
    private static final VarHandle STATE, RUNNING_THREAD;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(SoftVcpu.class, "state", int.class);
            RUNNING_THREAD = MethodHandles.lookup().findVarHandle(SoftVcpu.class, "runningThread", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final SoftVm vm;
    private final int id;
    private final ReentrantLock mutex = new ReentrantLock();
    private final RunPage page;
    private final int file;
    private final long sharedSize;
    private final VcpuSignals signals = new Signals();
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
    private final RunLoop loop;
    private final VcpuRequests requests;
    /** CR8 where there is no LAPIC, and IA32_APIC_BASE. */
    private long taskPriority;
    private long apicBase;
    private boolean pvEoi;
    private int state;
    /** The number of the last change of the memory map that this vCPU's translations follow. */
    private int memoryGeneration;
    /** The thread in KVM_RUN, by the kernel's id and as what it parks as. */
    private volatile int runningThread;
    private volatile Thread thread;
    private Thread lastThread;
    private int lastThreadId;
    private volatile boolean signalled;
    /** Signals that do not end KVM_RUN, bit n - 1 for signal n; only where KVM_SET_SIGNAL_MASK was used. */
    private volatile long signalMask;
    private volatile boolean hasSignalMask;
    private volatile boolean unhalted;

    private SoftVcpu(SoftVm vm, int id, int file, long shared, long sharedSize) {
        super(vm.kvm, REQUESTS, Failure.EINVAL);
        this.vm = vm;
        this.id = id;
        this.file = file;
        this.sharedSize = sharedSize;
        this.page = new RunPage(shared);
        this.tsc = new TimeStampCounter(vm.time());
        int ringSize = vm.dirtyLog().ringSize();
        this.dirtyRing = ringSize == 0 ? null
                : new DirtyRingWriter(shared + KvmDirtyGfn.RING_PAGE * HostMemory.PAGE, ringSize);
        this.bus = new VcpuBus(this);
        this.host = new VcpuHost(this);
        this.cpu = new Cpu(host, bus);
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
    }

    /** Makes a vCPU with its shared memory; null where the host has none. {@link #give()} gives it out. */
    static SoftVcpu create(SoftVm vm, int id) {
        int ringSize = vm.dirtyLog().ringSize();
        long size = ringSize == 0 ? SHARED_PAGES * HostMemory.PAGE : KvmDirtyGfn.RING_PAGE * HostMemory.PAGE + ringSize;
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
        vcpu.requests.powerOn();
        return vcpu;
    }

    /** @return its descriptor's number */
    int give() {
        kvm.give(file, this);
        return file;
    }

    /** KVM_RUN. @return zero with an exit reason in the shared memory, or a negated errno */
    long run(long argument) {
        if (argument != 0) {
            return Failure.EINVAL;
        }
        mutex.lock();
        try {
            Thread current = Thread.currentThread();
            if (current != lastThread) {
                lastThread = current;
                lastThreadId = (int) kvm.host().call(SyscallNumber.GETTID, 0, 0, 0, 0, 0, 0);
            }
            if (thread != current) {
                thread = current;
            }
            if (signalled) {
                signalled = false;
            }
            if (hasSignalMask && isSignalPending()) {
                signalled = true;
            }
            // A full fence: whoever sets immediate_exit and then looks here sends a signal, or is seen below.
            RUNNING_THREAD.setVolatile(this, lastThreadId);
            try {
                return loop.run();
            } finally {
                RUNNING_THREAD.setRelease(this, 0);
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

    /** A signal was sent to a thread. If it is in KVM_RUN here, and the mask lets the signal through, it leaves. */
    void signalThread(int threadId, int signal) {
        if (runningThread == threadId && (!hasSignalMask || (signalMask & 1L << signal - 1) == 0)) {
            signalled = true;
            attend();
        }
    }

    /** True where a signal waits for the thread that only KVM_SET_SIGNAL_MASK's mask lets through. It stays there. */
    private boolean isSignalPending() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(ValueLayout.JAVA_LONG);
            kvm.host().call(RT_SIGPENDING, set.address(), Long.BYTES, 0, 0, 0, 0);
            return (set.get(ValueLayout.JAVA_LONG, 0) & ~signalMask) != 0;
        }
    }

    /** KVM_SET_SIGNAL_MASK. */
    void signalMask(boolean present, long mask) {
        signalMask = mask;
        hasSignalMask = present;
    }

    /** True if a signal has come that ends KVM_RUN. */
    boolean isSignalled() {
        return signalled;
    }

    /** Something may have to be looked at: ends the stay in the guest, and a halt's sleep. Any thread. */
    void attend() {
        cpu.raiseAttention();
        Thread sleeper = thread;
        if (sleeper != null && sleeper != Thread.currentThread()) {
            LockSupport.unpark(sleeper);
        }
    }

    /**
     * Goes inside the guest: from here to {@link #leaveGuest()} translations and slots stay as they are. Waits while
     * they change.
     */
    void enterGuest() {
        MemoryMap memory = vm.memory();
        STATE.setVolatile(this, INSIDE);
        while (memory.isChanging()) {
            STATE.setVolatile(this, OUTSIDE);
            memory.awaitChange();
            STATE.setVolatile(this, INSIDE);
        }
        int generation = memory.generation();
        if (generation != memoryGeneration) {
            memoryGeneration = generation;
            cpu.mmu.flushAll();
            stats.tlbFlushes++;
        }
    }

    void leaveGuest() {
        STATE.setRelease(this, OUTSIDE);
    }

    /** Waits until this vCPU is outside the guest; its attention was raised. */
    void awaitOutside() {
        for (int spin = 0; (int) STATE.getVolatile(this) == INSIDE; spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(WAIT_NANOS);
            }
        }
    }

    /** The guest is about to write a page whose writes are logged. */
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

    /** The guest can take an interrupt, or an NMI, that it could not before. */
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

    /** The VM is gone: gives the shared memory back, once no thread is in KVM_RUN. */
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
        lapic.setPvEoi(pvEoi ? new GuestEoiFlag(bus, gpa) : PvEoi.NONE);
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

    /** What the interrupt controllers tell this vCPU. */
    VcpuSignals signals() {
        return signals;
    }

    /** KVM_HC_KICK_CPU of another vCPU: a halt ends, or the next one does at once. */
    void unhalt() {
        unhalted = true;
        attend();
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

    /** What the clock counts. */
    private final class Instructions implements InstructionClock.Counter {
        @Override
        public long instructions() {
            return cpu.instructions;
        }

        @Override
        public void attend() {
            SoftVcpu.this.attend();
        }
    }

    /** Notes what is told with the controllers' lock held, and wakes the thread. */
    private final class Signals implements VcpuSignals {
        @Override
        public void attention() {
            attend();
        }

        @Override
        public void nmi() {
            events.nmi();
            attend();
        }

        @Override
        public void init() {
            requests.init();
        }

        @Override
        public void startup(int vector) {
            requests.startUp(vector);
        }

        @Override
        public boolean smi() {
            return false;
        }

        @Override
        public long nanosAtTsc(long value) {
            return tsc.nanosAt(value);
        }
    }
}
