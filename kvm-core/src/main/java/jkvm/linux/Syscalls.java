package jkvm.linux;

/**
 * Raw Linux system calls. Everything that jkvm asks of the kernel goes through this one method, so that tests can put a
 * fault-injecting kernel in its place and benchmarks another foreign-function library.
 *
 * <p>Implementations may be called from any thread.
 */
public interface Syscalls {

    /**
     * Issues a system call.
     *
     * @param number the x86-64 system call number, one of {@link SyscallNumber}
     * @return the kernel's result: negative values from -4095 to -1 are a negated {@link Errno}, all others a success
     */
    long call(long number, long a0, long a1, long a2, long a3, long a4, long a5);

    /** {@code ioctl(2)} with an integer or an address as its argument; see {@link #call} for the result. */
    default long ioctl(int fd, long request, long argument) {
        return call(SyscallNumber.IOCTL, fd, request, argument, 0, 0, 0);
    }

    /**
     * Makes {@code signal} interrupt system calls of the thread that receives it, and do nothing else: its handler is
     * harmless to the JVM and no interrupted call is restarted.
     *
     * @return zero, or a negated {@link Errno}
     */
    long installInterruptingSignal(int signal);

    /** True where {@code result} is a negated errno. */
    static boolean isError(long result) {
        return result < 0 && result >= -4095;
    }
}
