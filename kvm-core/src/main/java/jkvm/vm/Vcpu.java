package jkvm.vm;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmRun;
import jkvm.abi.KvmSregs;
import jkvm.linux.InterruptSignal;
import jkvm.linux.Syscalls;

/**
 * A vCPU descriptor. One thread at a time runs it ({@link #run()}). The kernel lets other requests wait while a vCPU
 * runs: read and write its state from the thread that runs it, or while it is paused ({@link VcpuThread#pause()}).
 */
public final class Vcpu implements AutoCloseable {
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
    private Thread lastRunner;
    private int lastRunnerId;

    Vcpu(int id, KvmFd fd, MemorySegment shared, InterruptSignal signal) {
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

    /** The memory that this vCPU shares with the kernel. */
    public KvmRun kvmRun() {
        return run;
    }

    /**
     * Runs the guest until it exits. Allocates nothing.
     *
     * @return the exit reason ({@link jkvm.abi.KvmExit}), or a negated errno: EINTR after {@link #interrupt()}, EAGAIN
     *         where the vCPU waits for its first INIT; both are no failures
     * @throws IllegalStateException if closed
     */
    public int run() {
        Thread current = Thread.currentThread();
        if (current != lastRunner) {
            lastRunner = current;
            lastRunnerId = signal.currentThreadId();
        }
        // Volatile: close() must see this thread, or this thread must see that it closed.
        runningThread = lastRunnerId;
        try {
            if (closed) {
                throw new IllegalStateException("vCPU " + id + " is closed");
            }
            long result = syscalls.ioctl(number, RUN, 0);
            return result < 0 ? (int) result : run.exitReason();
        } finally {
            RUNNING_THREAD.setRelease(this, 0);
        }
    }

    /**
     * Makes the current {@link #run()}, or the next if there is none, return EINTR once its pending port or memory access
     * is complete. Stays in force until {@link #clearInterrupt()}. Any thread may call.
     */
    public void interrupt() {
        if (closed) {
            return;
        }
        run.immediateExit(true);
        VarHandle.fullFence();
        int thread = runningThread;
        if (thread != 0) {
            signal.send(thread);
        }
    }

    /** Ends the force of {@link #interrupt()}. Called by the thread that runs the vCPU, before it looks for requests. */
    public void clearInterrupt() {
        run.immediateExit(false);
        VarHandle.fullFence();
    }

    /** KVM_GET_REGS (KVM API 4.11). */
    public KvmRegs regs() {
        KvmRegs regs = new KvmRegs();
        fd.ioctl(KvmIoctl.GET_REGS, regs.address());
        return regs;
    }

    /** KVM_SET_REGS (KVM API 4.12). */
    public void regs(KvmRegs regs) {
        fd.ioctl(KvmIoctl.SET_REGS, regs.address());
    }

    /** KVM_GET_SREGS (KVM API 4.13). */
    public KvmSregs sregs() {
        KvmSregs sregs = new KvmSregs();
        fd.ioctl(KvmIoctl.GET_SREGS, sregs.address());
        return sregs;
    }

    /** KVM_SET_SREGS (KVM API 4.14). */
    public void sregs(KvmSregs sregs) {
        fd.ioctl(KvmIoctl.SET_SREGS, sregs.address());
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
