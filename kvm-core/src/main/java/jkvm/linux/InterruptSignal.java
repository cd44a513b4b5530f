package jkvm.linux;

/**
 * The signal that takes a thread out of a system call, above all out of KVM_RUN. Its handler does nothing, the JVM does
 * not know of it, and no call is restarted after it.
 */
public final class InterruptSignal {
    /** A real-time signal that neither the JVM nor glibc uses. */
    public static final int NUMBER = 40;

    private final Syscalls syscalls;
    private final int processId;

    /**
     * Installs the handler for the process.
     *
     * @throws LinuxException if the kernel refuses
     */
    public InterruptSignal(Syscalls syscalls) {
        this.syscalls = syscalls;
        this.processId = (int) syscalls.call(SyscallNumber.GETPID, 0, 0, 0, 0, 0, 0);
        long result = syscalls.installInterruptingSignal(NUMBER);
        if (Syscalls.isError(result)) {
            throw new LinuxException("sigaction", (int) -result);
        }
    }

    /** The kernel's id of the calling thread, for {@link #send}. */
    public int currentThreadId() {
        return (int) syscalls.call(SyscallNumber.GETTID, 0, 0, 0, 0, 0, 0);
    }

    /** Interrupts the system call that the thread is in. A thread that has ended is no error. */
    public void send(int threadId) {
        syscalls.call(SyscallNumber.TGKILL, processId, threadId, NUMBER, 0, 0, 0);
    }
}
