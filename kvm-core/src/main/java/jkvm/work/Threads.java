package jkvm.work;

/** Waits for threads to end. */
public final class Threads {
    private Threads() {
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
