package jkvm.control.trace;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jkvm.work.Workers;

/** Does something again and again, a while apart, on a thread of its own, which no pause of a machine stops. */
public final class Ticker implements AutoCloseable {
    private final Workers workers = Workers.onThreads();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final long millis;
    private final Runnable work;

    /**
     * Begins.
     *
     * @param name   of the thread
     * @param millis between the end of one round and the next
     */
    @SuppressWarnings("this-escape")
    public Ticker(String name, long millis, Runnable work) {
        this.millis = millis;
        this.work = work;
        var _ = workers.waiting(name, this::round, ended::countDown);
    }

    private void round() {
        try {
            if (!ended.await(millis, TimeUnit.MILLISECONDS)) {
                work.run();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns when the current round has ended; no other begins. */
    @Override
    public void close() {
        workers.close();
    }
}
