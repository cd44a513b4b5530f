package jkvm.host.chardev;

import java.util.Optional;
import java.util.function.Supplier;
import jkvm.linux.Terminal;

/**
 * Tells a listener the size of a window whenever it has changed. A thread looks now and then: the kernel's signal for
 * it (SIGWINCH) reaches a terminal's foreground job only, not the owner of a pseudo-terminal, and no thread of a JVM
 * can wait for it.
 */
final class WindowWatch implements AutoCloseable {
    private static final long PERIOD_MILLIS = 200;

    private final Supplier<Optional<Terminal.Size>> window;
    private final WindowListener listener;
    private final Thread thread;
    private Terminal.Size last;

    private WindowWatch(String name, Supplier<Optional<Terminal.Size>> window, WindowListener listener) {
        this.window = window;
        this.listener = listener;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::watch);
    }

    /** Tells the size now, on this thread, if it is known, and from then on each other one, on a thread of its own. */
    static WindowWatch start(String name, Supplier<Optional<Terminal.Size>> window, WindowListener listener) {
        WindowWatch watch = new WindowWatch(name, window, listener);
        watch.look();
        watch.thread.start();
        return watch;
    }

    private void look() {
        window.get().filter(size -> !size.equals(last)).ifPresent(size -> {
            last = size;
            listener.resized(size.columns(), size.rows());
        });
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(PERIOD_MILLIS);
                look();
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    /** Ends the watch; the window is not looked at any more. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
