package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * An {@code eventfd(2)}: a 64-bit counter that KVM signals (ioeventfd) or that signals KVM (irqfd). Any thread may
 * call. Closing it while another thread waits in {@link #await()} is safe; that thread needs one more
 * {@link #signal()}.
 */
public final class EventFd implements AutoCloseable {
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;

    private final Fd fd;
    /** Collected with this object: a call that still runs may hold the address of its segments. */
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment one;
    private final MemorySegment count;

    private EventFd(Fd fd) {
        this.fd = fd;
        this.one = arena.allocate(ValueLayout.JAVA_LONG);
        this.one.set(ValueLayout.JAVA_LONG, 0, 1L);
        this.count = arena.allocate(ValueLayout.JAVA_LONG);
    }

    /** An event whose {@link #await()} blocks. */
    public static EventFd blocking(Syscalls syscalls) {
        return create(syscalls, EFD_CLOEXEC);
    }

    /** An event whose {@link #await()} answers zero at once when nothing was signalled. */
    public static EventFd nonBlocking(Syscalls syscalls) {
        return create(syscalls, EFD_CLOEXEC | EFD_NONBLOCK);
    }

    private static EventFd create(Syscalls syscalls, int flags) {
        long result = syscalls.call(SyscallNumber.EVENTFD2, 0, flags, 0, 0, 0, 0);
        if (Syscalls.isError(result)) {
            throw new LinuxException("eventfd2", (int) -result);
        }
        return new EventFd(new Fd(syscalls, (int) result, "eventfd"));
    }

    /** The descriptor's number, for KVM_IRQFD and KVM_IOEVENTFD. */
    public int number() {
        return fd.number();
    }

    /** The system calls that the event was made with. */
    Syscalls syscalls() {
        return fd.syscalls();
    }

    /** Adds one to the counter. */
    public void signal() {
        long result;
        do {
            result = fd.write(one.address(), Long.BYTES);
        } while (result == -Errno.EINTR.code());
        Reference.reachabilityFence(this);
        if (Syscalls.isError(result) && result != -Errno.EAGAIN.code()) {
            throw new LinuxException("write eventfd", (int) -result);
        }
    }

    /**
     * Waits for a signal and resets the counter. One thread at a time.
     *
     * @return how often it was signalled since the last call; zero if interrupted, or if non-blocking and not signalled
     */
    public long await() {
        long result = fd.read(count.address(), Long.BYTES);
        Reference.reachabilityFence(this);
        if (result == -Errno.EINTR.code() || result == -Errno.EAGAIN.code()) {
            return 0;
        }
        if (Syscalls.isError(result)) {
            throw new LinuxException("read eventfd", (int) -result);
        }
        return count.get(ValueLayout.JAVA_LONG, 0);
    }

    @Override
    public void close() {
        fd.close();
    }
}
