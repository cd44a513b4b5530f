package jkvm.work;

/**
 * A loop that is not a vCPU: it goes round when it is woken, or waits by itself for what it serves. Made by
 * {@link Workers}. An exception that a round throws is logged once for each worker, under the worker's name, and ends
 * that round only.
 *
 * <p>Pauses nest, so that several owners may hold a worker: it goes on when each has called {@link #resume()}.
 */
public interface Worker extends AutoCloseable {

    /** Lets the worker go round at least once more. Any thread may call, with any lock held; returns at once. */
    void wake();

    /**
     * Stops the worker between two rounds and returns when the current round has ended. Wakes are kept meanwhile.
     * Called from within a round it returns at once, and the pause begins when the round ends. Not called with a lock
     * held that a round takes.
     */
    void pause();

    /** Ends one {@link #pause()}. */
    void resume();

    /**
     * Ends the worker and returns when the current round has ended; no other begins, even where it was woken. Called
     * from within a round it returns at once. Not called with a lock held that a round takes. Closing twice is fine.
     */
    @Override
    void close();

    /**
     * As {@link #close()}, for a worker that the host may hold in a wait that nothing ends.
     *
     * @return false if the current round, or its wait, is not over after so many milliseconds; it is the last one
     */
    default boolean close(long milliseconds) {
        close();
        return true;
    }
}
