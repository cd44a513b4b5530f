package jkvm.vm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmGuestDebug;
import jkvm.abi.KvmInterrupt;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmRun;
import jkvm.abi.KvmSignalMask;
import jkvm.abi.KvmTprAccessCtl;
import jkvm.abi.KvmTranslation;
import jkvm.abi.KvmX86Mce;
import jkvm.linux.Fd;
import jkvm.linux.InterruptSignal;
import jkvm.linux.Syscalls;

/**
 * A vCPU descriptor. One thread at a time runs it ({@link #run()}). The kernel lets other requests wait while a vCPU
 * runs: read and write its state from the thread that runs it, or while it is paused ({@link VcpuThread#pause()}).
 *
 * {@snippet :
 * try (Kvm kvm = Accelerators.open("soft").openKvm(); Vm vm = kvm.createVm()) {
 *     GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(kvm.syscalls(), vm.arena(), 1 << 20);
 *     memory.write(0x1000, new byte[] {(byte) 0xE6, 0x10, (byte) 0xF4});   // out %al, $0x10; hlt
 *     vm.setTssAddress(KvmLayout.TSS_ADDRESS);
 *     vm.setMemory(memory);
 *     Vcpu vcpu = vm.createVcpu(0);
 *     KvmSregs segments = vcpu.sregs();                  // as after a processor's reset: code just below 4 GiB
 *     segments.cs().selector(0);
 *     segments.cs().base(0);
 *     vcpu.sregs(segments);
 *     KvmRegs registers = new KvmRegs();
 *     registers.rip(0x1000);
 *     registers.rflags(2);                               // bit 1 is always set
 *     registers.rax(42);
 *     vcpu.regs(registers);
 *
 *     assert vcpu.run() == KvmExit.IO;
 *     KvmRun exit = vcpu.kvmRun();
 *     assert exit.ioPort() == 0x10 && exit.data(exit.ioDataOffset(), exit.ioSize()) == 42;
 *     assert vcpu.run() == KvmExit.HLT;
 * }
 * }
 */
public final class Vcpu extends VcpuRegisters implements AutoCloseable {
    private static final long RUN = KvmIoctl.RUN.number();
    private static final long KICK_INTERVAL_NANOS = 1_000_000;
    private static final VarHandle RUNNING_THREAD;

    static {
        try {
            RUNNING_THREAD = MethodHandles.lookup().findVarHandle(Vcpu.class, "runningThread", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int id;
    private final KvmFd fd;
    private final Syscalls syscalls;
    private final int number;
    private final KvmRun run;
    private final InterruptSignal signal;
    /** The kernel's id of the thread inside {@link #run()}, zero if there is none. */
    private volatile int runningThread;
    private volatile boolean closed;
    /** The last thread that ran this vCPU with its kernel id; one object, so that two threads never mix them up. */
    private Runner lastRunner = new Runner(null, 0);

    private record Runner(Thread thread, int kernelId) {
    }

    Vcpu(int id, KvmFd fd, MemorySegment shared, InterruptSignal signal) {
        super(fd);
        this.id = id;
        this.fd = fd;
        this.syscalls = fd.fd().syscalls();
        this.number = fd.fd().number();
        this.run = new KvmRun(shared);
        this.signal = signal;
    }

    /** Its number and APIC id. */
    public int id() {
        return id;
    }

    /** The kernel's id of the calling thread. */
    int callingThreadId() {
        return signal.currentThreadId();
    }

    /** The memory that this vCPU shares with the kernel. */
    public KvmRun kvmRun() {
        return run;
    }

    /**
     * Runs the guest until it exits. Allocates nothing.
     *
     * @return the exit reason ({@link jkvm.abi.KvmExit}), or a negated errno: EINTR after {@link #interrupt()}, EAGAIN
     *         where the vCPU waits for its first INIT; both are no failures
     * @throws IllegalStateException if closed, or if another thread is in this method
     */
    public int run() {
        Runner runner = lastRunner;
        if (runner.thread != Thread.currentThread()) {
            runner = new Runner(Thread.currentThread(), signal.currentThreadId());
            lastRunner = runner;
        }
        // A full barrier: close() must see this thread, or this thread must see that it closed.
        if (!RUNNING_THREAD.compareAndSet(this, 0, runner.kernelId)) {
            throw new IllegalStateException("vCPU " + id + " is running on another thread");
        }
        try {
            if (closed) {
                throw closedFailure();
            }
            long result = syscalls.ioctl(number, RUN, 0);
            return result < 0 ? (int) result : run.exitReason();
        } finally {
            RUNNING_THREAD.setRelease(this, 0);
        }
    }

    /**
     * Makes the current {@link #run()}, or the next if there is none, return EINTR once its pending port or memory
     * access is complete. Stays in force until {@link #clearInterrupt()}. Any thread may call; does nothing when
     * closed.
     */
    public void interrupt() {
        if (!setImmediateExit(true)) {
            return;
        }
        int thread = runningThread;
        if (thread != 0) {
            signal.send(thread);
        }
    }

    boolean isClosed() {
        return closed;
    }

    IllegalStateException closedFailure() {
        return new IllegalStateException("vCPU " + id + " is closed");
    }

    /** Fails quietly where the memory shared with the kernel is gone: the VM's close unmaps it at any moment. */
    private boolean setImmediateExit(boolean value) {
        if (closed) {
            return false;
        }
        try {
            run.immediateExit(value);
        } catch (IllegalStateException e) {
            return false;
        }
        VarHandle.fullFence();
        return true;
    }

    /**
     * Ends the effect of {@link #interrupt()}. Called by the thread that runs the vCPU, before it looks for requests.
     */
    public void clearInterrupt() {
        setImmediateExit(false);
    }

    /**
     * Chooses the registers that the kernel copies to {@link KvmRun} at each exit, as KVM_SYNC_X86_ bits: see
     * {@link KvmRun#syncRegs()}. Registers that {@link KvmRun#dirtyRegs(long)} marks are taken from there at entry.
     *
     * @throws MissingCapabilityException if this KVM cannot do so for all of them
     */
    public void syncRegisters(long classes) {
        if ((classes & ~fd.checkExtension(KvmCap.SYNC_REGS)) != 0) {
            throw new MissingCapabilityException(KvmCap.SYNC_REGS);
        }
        run.validRegs(classes);
    }

    /** Injects an interrupt without an in-kernel LAPIC, once the guest is ready for it (KVM_INTERRUPT). */
    public void injectInterrupt(int vector) {
        KvmInterrupt interrupt = new KvmInterrupt();
        interrupt.irq(vector);
        fd.ioctl(KvmIoctl.INTERRUPT, interrupt);
    }

    /** Injects a non-maskable interrupt (KVM_NMI). */
    public void injectNmi() {
        fd.ioctl(KvmIoctl.NMI, 0);
    }

    /** Injects a system management interrupt (KVM_SMI). */
    public void injectSmi() {
        fd.ioctl(KvmIoctl.SMI, 0);
    }

    /**
     * Sets up machine check banks (KVM_X86_SETUP_MCE).
     *
     * @param mcgCap MCG_CAP, at most what the host supports
     */
    public void setupMachineChecks(long mcgCap) {
        try (Arena arena = Arena.ofConfined()) {
            fd.ioctl(KvmIoctl.X86_SETUP_MCE, arena.allocateFrom(ValueLayout.JAVA_LONG, mcgCap).address());
        }
    }

    /** Injects a machine check (KVM_X86_SET_MCE). */
    public void injectMachineCheck(KvmX86Mce machineCheck) {
        fd.ioctl(KvmIoctl.X86_SET_MCE, machineCheck);
    }

    /** Sets the signals that stay blocked during {@link #run()} only (KVM_SET_SIGNAL_MASK); null clears the mask. */
    public void signalMask(KvmSignalMask mask) {
        if (mask == null) {
            fd.ioctl(KvmIoctl.SET_SIGNAL_MASK, 0);
        } else {
            fd.ioctl(KvmIoctl.SET_SIGNAL_MASK, mask);
        }
    }

    /** Looks a linear address up in the guest's page tables (KVM_TRANSLATE). */
    public KvmTranslation translate(long linearAddress) {
        KvmTranslation translation = new KvmTranslation();
        translation.linearAddress(linearAddress);
        fd.ioctl(KvmIoctl.TRANSLATE, translation);
        return translation;
    }

    /** Sets single step and breakpoints (KVM_SET_GUEST_DEBUG); they lead to {@link jkvm.abi.KvmExit#DEBUG}. */
    public void guestDebug(KvmGuestDebug debug) {
        fd.ioctl(KvmIoctl.SET_GUEST_DEBUG, debug);
    }

    /** Makes each access to the task priority register exit, or stops that (KVM_TPR_ACCESS_REPORTING). */
    public void reportTprAccess(boolean enabled) {
        KvmTprAccessCtl control = new KvmTprAccessCtl();
        control.enabled(enabled);
        fd.ioctl(KvmIoctl.TPR_ACCESS_REPORTING, control);
    }

    /** Tells the guest's kvmclock that the VM was paused (KVM_KVMCLOCK_CTRL); EINVAL where the guest uses none. */
    public void markClockPaused() {
        fd.ioctl(KvmIoctl.KVMCLOCK_CTRL, 0);
    }

    /**
     * KVM_ENABLE_CAP for this vCPU.
     *
     * @throws MissingCapabilityException if this KVM lacks it
     */
    public void enableCapability(KvmCap capability, long... arguments) {
        fd.enable(capability, arguments);
    }

    /**
     * Attributes of this vCPU, such as its TSC offset.
     *
     * @throws MissingCapabilityException if it has none
     */
    public KvmAttributes attributes() {
        fd.require(KvmCap.VCPU_ATTRIBUTES);
        return new KvmAttributes(fd.fd());
    }

    /** Statistics of this vCPU; to be closed by the caller. */
    public KvmStats stats() {
        return fd.stats();
    }

    /**
     * Issues a request that has no method of its own.
     *
     * @param argument an integer or the address of a struct
     */
    public long ioctl(KvmIoctl request, long argument) {
        return fd.ioctl(request, argument);
    }

    Fd descriptor() {
        return fd.fd();
    }

    /** Takes a running vCPU out of the guest, waits until it is, and closes the descriptor. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        run.immediateExit(true);
        closed = true;
        int thread;
        while ((thread = runningThread) != 0) {
            signal.send(thread);
            LockSupport.parkNanos(KICK_INTERVAL_NANOS);
        }
        fd.close();
    }
}
