package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * Waits with {@code poll(2)} on one descriptor, and on an event that ends the wait from another thread. One thread at a
 * time may wait.
 */
public final class Poll {
    /** Events of a descriptor: bytes to read, room to write, the other side is gone. */
    public static final int IN = 1, OUT = 4, HANGUP = 16;
    /** No time limit. */
    public static final int FOREVER = -1;
    private static final int POLLFD_SIZE = 8, EVENTS_OFFSET = 4, REVENTS_OFFSET = 6;

    private final Fd fd;
    private final EventFd wake;
    /** Collected with this object: a call that still runs may hold its address. */
    private final MemorySegment pollfds = Arena.ofAuto().allocate(2 * POLLFD_SIZE, 8);

    /** @param wake once signalled, each wait ends at once until {@link EventFd#await()} is called */
    public Poll(Fd fd, EventFd wake) {
        this.fd = fd;
        this.wake = wake;
    }

    /**
     * Waits for an event of the descriptor.
     *
     * @param wanted       {@link #IN}, {@link #OUT} or both; zero to wait for the wake-up and the time only
     * @param milliseconds zero to look once, or {@link #FOREVER}
     * @return the descriptor's events, {@link #HANGUP} or an error's bit also where it was not wanted; zero after a
     *         wake-up, the time or a signal
     * @throws LinuxException        if the kernel refuses
     * @throws IllegalStateException if the descriptor is closed
     */
    public int await(int wanted, int milliseconds) {
        // A negative descriptor is passed over: one without wanted events would still report errors.
        set(0, wanted == 0 ? -1 : fd.number(), wanted);
        set(POLLFD_SIZE, wake.number(), IN);
        long result = wake.syscalls().call(SyscallNumber.POLL, pollfds.address(), 2, milliseconds, 0, 0, 0);
        Reference.reachabilityFence(this);
        if (Syscalls.isError(result) && result != -Errno.EINTR.code() && result != -Errno.EAGAIN.code()) {
            throw new LinuxException("poll", (int) -result);
        }
        return result > 0 ? Short.toUnsignedInt(pollfds.get(ValueLayout.JAVA_SHORT, REVENTS_OFFSET)) : 0;
    }

    private void set(long offset, int number, int events) {
        pollfds.set(ValueLayout.JAVA_INT, offset, number);
        // The upper half is revents.
        pollfds.set(ValueLayout.JAVA_INT, offset + EVENTS_OFFSET, events & 0xFFFF);
    }

    /** True if a descriptor, given by its number, has bytes to read now. */
    public static boolean isReadable(Syscalls syscalls, int number) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollfd = arena.allocate(POLLFD_SIZE, 4);
            pollfd.set(ValueLayout.JAVA_INT, 0, number);
            pollfd.set(ValueLayout.JAVA_INT, EVENTS_OFFSET, IN);
            return syscalls.call(SyscallNumber.POLL, pollfd.address(), 1, 0, 0, 0, 0) > 0
                    && (pollfd.get(ValueLayout.JAVA_SHORT, REVENTS_OFFSET) & IN) != 0;
        }
    }
}
