package jkvm.work;

import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/** Waits for threads, whatever interrupts the caller. */
public final class Threads {
    private Threads() {
    }

    /**
     * Waits on a monitor, which the caller holds, while a condition lasts; {@code notifyAll} makes the caller check it
     * again. An interruption of the caller does not end the wait and is kept for later.
     */
    public static void waitWhile(Object monitor, BooleanSupplier lasts) {
        boolean interrupted = false;
        while (lasts.getAsBoolean()) {
            try {
                monitor.wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until a latch is open. An interruption of the caller does not end the wait and is kept for later. */
    public static void await(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits until a thread has ended. An interruption of the caller does not end the wait and is kept for later.
     * Returns at once for a thread that was never started and for the caller's own.
     */
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (thread != Thread.currentThread() && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * As {@link #join(Thread)}, for so long at most; an interruption ends the wait.
     *
     * @return true if the thread does not run
     */
    public static boolean join(Thread thread, long milliseconds) {
        if (thread != Thread.currentThread() && thread.isAlive()) {
            try {
                thread.join(milliseconds);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return !thread.isAlive();
    }
}
