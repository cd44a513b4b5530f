package jkvm.app;

import jkvm.linux.Epoll;
import jkvm.linux.EventFd;
import jkvm.linux.SignalFd;
import jkvm.linux.Syscalls;
import jkvm.work.Workers;

/**
 * Lets SIGUSR1 do something while a guest runs, is paused or ends. The launcher starts a JVM whose guest's exits are
 * counted with that signal blocked; one that was not started so still dies of it.
 */
final class TableSignal implements AutoCloseable {
    private final Workers workers = Workers.onThreads();
    private final SignalFd signal;
    private final EventFd stop;
    private final Epoll epoll;
    private final Runnable action;

    private TableSignal(Syscalls syscalls, Runnable action) {
        this.action = action;
        signal = new SignalFd(syscalls, SignalFd.SIGUSR1);
        stop = EventFd.nonBlocking(syscalls);
        epoll = Epoll.create(syscalls);
        epoll.add(signal.number());
        epoll.add(stop.number());
    }

    /**
     * Begins to listen.
     *
     * @param action done on a thread of its own for each signal
     */
    static TableSignal listen(Syscalls syscalls, Runnable action) {
        TableSignal listening = new TableSignal(syscalls, action);
        var _ = listening.workers.waiting("table-signal", listening::round, listening.stop::signal);
        return listening;
    }

    private void round() {
        epoll.await();
        if (signal.take()) {
            action.run();
        }
    }

    @Override
    public void close() {
        workers.close();
        epoll.close();
        stop.close();
        signal.close();
    }
}
