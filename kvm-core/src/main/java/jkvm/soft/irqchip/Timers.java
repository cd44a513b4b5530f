package jkvm.soft.irqchip;

import jkvm.work.ExactStates;

/**
 * The clock of a VM's timers, and what calls back when a moment has come. {@link HostTimers} follows the host's
 * monotonic clock, {@link CountedTimers} one that counts instructions; {@link SteppedTimers} goes on only as it is
 * told.
 */
public interface Timers {

    /** Nanoseconds since any fixed moment, never going back. Any thread. */
    long nanos();

    /**
     * A timer, not yet started.
     *
     * @param expiry called with no lock held, by the thread that the clock belongs to
     */
    Timer timer(Runnable expiry);

    /**
     * Has exact numbers of a chip among the machine's saved state, where that is to continue in each bit.
     *
     * @param name of the chip's part
     */
    default void saveExactly(String name, ExactStates.Part part) {
        // By the host's time no two runs agree anyway.
    }

    /**
     * One deadline. Any thread; callers order their own calls. After {@link #stop()} or a new {@link #start} an expiry
     * of the old deadline may still follow: it checks its owner's state first.
     */
    interface Timer {
        /** Sets or moves the deadline. One that has passed expires at once, but never inside this call. */
        void start(long deadlineNanos);

        /** Takes the deadline away. */
        void stop();
    }
}
