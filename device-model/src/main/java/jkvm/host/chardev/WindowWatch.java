package jkvm.host.chardev;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import jkvm.linux.Terminal;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Tells a listener the size of a window whenever it has changed. A worker looks now and then: the kernel's signal for
 * it (SIGWINCH) reaches a terminal's foreground job only, not the owner of a pseudo-terminal, and no thread of a JVM
 * can wait for it.
 */
final class WindowWatch implements AutoCloseable {
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Supplier<Optional<Terminal.Size>> window;
    private final WindowListener listener;
    private final Worker worker;
    private Terminal.Size last;
    /** The worker's thread, null before its first round. */
    private volatile Thread runner;
    private volatile boolean closed;

    private WindowWatch(String name, Supplier<Optional<Terminal.Size>> window, WindowListener listener,
            Workers workers) {
        this.window = window;
        this.listener = listener;
        look();
        this.worker = workers.waiting(name, this::await, this::look, () -> { });
    }

    /** Reports the size now, on this thread, if it is known, and from then on each change, on its own worker. */
    static WindowWatch start(String name, Supplier<Optional<Terminal.Size>> window, WindowListener listener,
            Workers workers) {
        return new WindowWatch(name, window, listener, workers);
    }

    private void look() {
        window.get().filter(size -> !size.equals(last)).ifPresent(size -> {
            last = size;
            listener.resized(size.columns(), size.rows());
        });
    }

    private void await() {
        runner = Thread.currentThread();
        if (!closed) {
            LockSupport.parkNanos(this, PERIOD_NANOS);
        }
    }

    /** Ends the watch; the window is not looked at any more. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(runner);
        worker.close();
    }
}
