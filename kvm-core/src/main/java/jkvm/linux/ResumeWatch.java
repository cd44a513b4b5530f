package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Notices that the process was stopped (Ctrl-Z, SIGSTOP) and goes on. No handler of SIGCONT is needed:
 * {@code epoll_wait} is one of the few calls that end with EINTR after a stop, see {@code signal(7)}.
 */
final class ResumeWatch implements AutoCloseable {
    private static final int EPOLL_CTL_ADD = 1, EPOLLIN = 1;
    /** {@code struct epoll_event} is packed on x86-64. */
    private static final int EVENT_SIZE = 12;

    private final Fd epoll;
    private final EventFd stop;
    private final Runnable resumed;
    private final MemorySegment event = Arena.ofAuto().allocate(EVENT_SIZE, 4);
    private final Thread thread = Thread.ofPlatform().daemon().name("terminal-resume").unstarted(this::watch);

    private ResumeWatch(Fd epoll, EventFd stop, Runnable resumed) {
        this.epoll = epoll;
        this.stop = stop;
        this.resumed = resumed;
    }

    /**
     * Begins to watch.
     *
     * @param resumed called on the watch's own thread, each time that the process goes on
     * @throws LinuxException if the kernel refuses
     */
    static ResumeWatch start(Syscalls syscalls, Runnable resumed) {
        long result = syscalls.call(SyscallNumber.EPOLL_CREATE1, Fd.O_CLOEXEC, 0, 0, 0, 0, 0);
        if (Syscalls.isError(result)) {
            throw new LinuxException("epoll_create1", (int) -result);
        }
        ResumeWatch watch = new ResumeWatch(new Fd(syscalls, (int) result, "epoll"), EventFd.nonBlocking(syscalls),
                resumed);
        watch.event.set(ValueLayout.JAVA_INT, 0, EPOLLIN);
        syscalls.call(SyscallNumber.EPOLL_CTL, result, EPOLL_CTL_ADD, watch.stop.number(), watch.event.address(), 0, 0);
        watch.thread.start();
        return watch;
    }

    private void watch() {
        Syscalls syscalls = epoll.syscalls();
        long result;
        do {
            result = syscalls.call(SyscallNumber.EPOLL_WAIT, epoll.number(), event.address(), 1, -1, 0, 0);
            if (result == -Errno.EINTR.code()) {
                resumed.run();
            }
        } while (result == -Errno.EINTR.code());
    }

    @Override
    public synchronized void close() {
        if (epoll.isClosed()) {
            return;
        }
        stop.signal();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return;
        }
        epoll.close();
        stop.close();
    }
}
