package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * An {@code epoll(7)} instance that reports descriptors with bytes to read, one at a time. One thread may wait while
 * others add and remove; descriptors are given by their numbers.
 */
public final class Epoll implements AutoCloseable {
    private static final int CTL_ADD = 1, CTL_DEL = 2;
    private static final int EPOLLIN = 1, EPOLLET = 1 << 31;
    /** {@code struct epoll_event} is packed on x86-64. */
    private static final int EVENT_SIZE = 12, DATA_OFFSET = 4;

    private final Fd fd;
    /** Collected with this object: a call that still runs may hold its address. */
    private final MemorySegment reported = Arena.ofAuto().allocate(EVENT_SIZE, 4);

    private Epoll(Fd fd) {
        this.fd = fd;
    }

    /** @throws LinuxException if the kernel refuses */
    public static Epoll create(Syscalls syscalls) {
        long result = syscalls.call(SyscallNumber.EPOLL_CREATE1, Fd.O_CLOEXEC, 0, 0, 0, 0, 0);
        if (Syscalls.isError(result)) {
            throw new LinuxException("epoll_create1", (int) -result);
        }
        return new Epoll(new Fd(syscalls, (int) result, "epoll"));
    }

    /**
     * Reports the descriptor as long as it has bytes.
     *
     * @return zero, or a negated errno
     */
    public long add(int number) {
        return control(CTL_ADD, number, EPOLLIN);
    }

    /**
     * Reports the descriptor once for each time that bytes arrive.
     *
     * @return zero, or a negated errno
     */
    public long addEdgeTriggered(int number) {
        return control(CTL_ADD, number, EPOLLIN | EPOLLET);
    }

    /** @return zero, or a negated errno */
    public long remove(int number) {
        return control(CTL_DEL, number, 0);
    }

    private long control(int operation, int number, int events) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EVENT_SIZE, 4);
            event.set(ValueLayout.JAVA_INT, 0, events);
            event.set(ValueLayout.JAVA_INT, DATA_OFFSET, number);
            return fd.syscalls().call(SyscallNumber.EPOLL_CTL, fd.number(), operation, number, event.address(), 0, 0);
        }
    }

    /**
     * Waits.
     *
     * @return the number of a descriptor that has bytes, or a negated errno: EINTR after a stop or a signal
     */
    public int await() {
        long result = fd.syscalls().call(SyscallNumber.EPOLL_WAIT, fd.number(), reported.address(), 1, -1, 0, 0);
        Reference.reachabilityFence(this);
        return Syscalls.isError(result) ? (int) result : reported.get(ValueLayout.JAVA_INT, DATA_OFFSET);
    }

    public boolean isClosed() {
        return fd.isClosed();
    }

    /** Frees the instance; no thread may be in {@link #await()}. */
    @Override
    public void close() {
        fd.close();
    }
}
