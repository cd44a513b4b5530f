package jkvm.soft.kvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.soft.cpu.Cpu;

/**
 * The thread that is in KVM_RUN of a vCPU, and the causes that end its stay: signals, and other calls for attention.
 * Any thread may signal and attend; the thread itself enters and leaves.
 */
final class RunningThread {
    private static final VarHandle ID;

    static {
        try {
            ID = MethodHandles.lookup().findVarHandle(RunningThread.class, "id", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Syscalls host;
    private final Cpu cpu;
    /** The kernel's id of the thread in KVM_RUN, 0 without one; and what it parks as, which stays. */
    private volatile int id;
    private volatile Thread thread;
    private Thread lastThread;
    private int lastId;
    private volatile boolean signalled;
    /** Signals that do not end KVM_RUN, bit n - 1 for signal n; only where KVM_SET_SIGNAL_MASK was used. */
    private volatile long signalMask;
    private volatile boolean hasSignalMask;

    RunningThread(Syscalls host, Cpu cpu) {
        this.host = host;
        this.cpu = cpu;
    }

    /** Begins KVM_RUN on the current thread: forgets earlier signals. */
    void enter() {
        Thread current = Thread.currentThread();
        if (current != lastThread) {
            lastThread = current;
            lastId = (int) host.call(SyscallNumber.GETTID, 0, 0, 0, 0, 0, 0);
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
        // A full fence: a thread that sets immediate_exit and then looks here sends a signal, or is seen afterwards.
        ID.setVolatile(this, lastId);
    }

    /** Ends KVM_RUN. */
    void leave() {
        ID.setRelease(this, 0);
    }

    /** Takes a signal for a thread. If that is in KVM_RUN here, and the mask lets the signal through, it leaves. */
    void signal(int threadId, int signal) {
        if (id == threadId && (!hasSignalMask || (signalMask & 1L << signal - 1) == 0)) {
            signalled = true;
            attend();
        }
    }

    /** True where a signal waits for the thread that only KVM_SET_SIGNAL_MASK's mask lets through. It stays there. */
    private boolean isSignalPending() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(ValueLayout.JAVA_LONG);
            host.call(SyscallNumber.RT_SIGPENDING, set.address(), Long.BYTES, 0, 0, 0, 0);
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

    /** Calls for attention: ends the stay in the guest, and a halt's sleep. */
    void attend() {
        cpu.raiseAttention();
        Thread sleeper = thread;
        if (sleeper != null && sleeper != Thread.currentThread()) {
            LockSupport.unpark(sleeper);
        }
    }
}
