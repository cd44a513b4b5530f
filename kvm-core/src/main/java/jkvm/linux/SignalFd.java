package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * A {@code signalfd(2)}: takes a signal that waits since all threads of the process block it. The JVM blocks none by
 * itself: a process that wants one so is started with it blocked, as {@code env --block-signal} does. Any thread may
 * call.
 */
public final class SignalFd implements AutoCloseable {
    /** Free for programs: the JVM leaves it alone, so that it kills where it is not blocked. */
    public static final int SIGUSR1 = 10;

    private static final int SFD_CLOEXEC = 0x80000, SFD_NONBLOCK = 0x800;
    /** struct signalfd_siginfo. */
    private static final int INFO_SIZE = 128;

    private final Fd fd;
    /** Collected with this object: a call that still runs may hold the address of its segment. */
    private final MemorySegment info = Arena.ofAuto().allocate(INFO_SIZE, Long.BYTES);

    /** @throws LinuxException if the process has too many descriptors */
    public SignalFd(Syscalls syscalls, int signal) {
        long result;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L << signal - 1);
            result = syscalls.call(SyscallNumber.SIGNALFD4, -1, mask.address(), Long.BYTES, SFD_CLOEXEC | SFD_NONBLOCK,
                    0, 0);
        }
        if (Syscalls.isError(result)) {
            throw new LinuxException("signalfd4", (int) -result);
        }
        this.fd = new Fd(syscalls, (int) result, "signalfd");
    }

    /**
     * Takes the signal if it waits; does not wait for it.
     *
     * @return whether it was there
     */
    public boolean take() {
        long result = fd.read(info.address(), INFO_SIZE);
        Reference.reachabilityFence(this);
        return result == INFO_SIZE;
    }

    /** For {@link Epoll#add}: it has bytes while the signal waits. */
    public int number() {
        return fd.number();
    }

    @Override
    public void close() {
        fd.close();
    }
}
