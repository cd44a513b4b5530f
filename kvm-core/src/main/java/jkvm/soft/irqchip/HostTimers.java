package jkvm.soft.irqchip;

import java.util.concurrent.locks.LockSupport;

/**
 * Timers of the host's monotonic clock ({@link System#nanoTime()}). One daemon thread, started by the first deadline,
 * sleeps until the next one; a timer is late by what the host needs to wake a thread, some 60 us, and never early.
 */
public final class HostTimers implements Timers, AutoCloseable {
    private final TimerQueue queue = new TimerQueue();
    private final String name;
    /** Guarded by this. */
    private boolean closed;
    private volatile Thread thread;

    /** @param name of the thread */
    public HostTimers(String name) {
        this.name = name;
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Timer timer(Runnable expiry) {
        return queue.timer(expiry, this::wake);
    }

    private void wake() {
        Thread running = thread;
        if (running == null) {
            running = startThread();
        }
        if (running != Thread.currentThread()) {
            LockSupport.unpark(running);
        }
    }

    private synchronized Thread startThread() {
        if (thread == null && !closed) {
            Thread started = new Thread(this::run, name);
            started.setDaemon(true);
            thread = started;
            started.start();
        }
        return thread;
    }

    private void run() {
        while (!isClosed()) {
            Runnable expiry = queue.pollExpired(nanos());
            if (expiry != null) {
                expiry.run();
                continue;
            }
            long next = queue.nextDeadline();
            if (next == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, next - nanos());
            }
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Ends the thread. No timer expires after this returns, except one whose call has begun. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        LockSupport.unpark(thread);
    }
}
