package jkvm.control.jfr;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.FlightRecorder;

/**
 * Keeps recordings open until the guest has ended. When a signal ends the JVM the recorder stops all recordings at
 * once, while the guest still stops; the last thing that it asks for is an event at the end of their last part, and
 * that one waits here for the guest, as long as a signal's end may take.
 */
final class LastWord implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 500;

    private final CountDownLatch said = new CountDownLatch(1);
    private final Runnable await = this::await;

    /** The guest is about to run. */
    void begin() {
        FlightRecorder.addPeriodicEvent(StateEvent.class, await);
    }

    /** The guest has ended, and its end is recorded. */
    void said() {
        said.countDown();
    }

    private void await() {
        if (!isEnding()) {
            return;
        }
        try {
            // In vain where a disk does not answer: then the recording ends without the guest's end.
            var _ = said.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the JVM is ending; it takes no hooks then. */
    static boolean isEnding() {
        Thread hook = new Thread(() -> { });
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            Runtime.getRuntime().removeShutdownHook(hook);
            return false;
        } catch (IllegalStateException _) {
            return true;
        }
    }

    @Override
    public void close() {
        FlightRecorder.removePeriodicEvent(await);
    }
}
