package jkvm.linux;

/**
 * Notices that the process was stopped (Ctrl-Z, SIGSTOP) and goes on. No handler of SIGCONT is needed:
 * {@code epoll_wait} is one of the few calls that end with EINTR after a stop, see {@code signal(7)}.
 */
final class ResumeWatch implements AutoCloseable {
    private final Epoll epoll;
    private final EventFd stop;
    private final Runnable resumed;
    private final Thread thread = Thread.ofPlatform().daemon().name("terminal-resume").unstarted(this::watch);

    private ResumeWatch(Epoll epoll, EventFd stop, Runnable resumed) {
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
        ResumeWatch watch = new ResumeWatch(Epoll.create(syscalls), EventFd.nonBlocking(syscalls), resumed);
        watch.epoll.add(watch.stop.number());
        watch.thread.start();
        return watch;
    }

    private void watch() {
        int result;
        do {
            result = epoll.await();
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
