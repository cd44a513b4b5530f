package jkvm.work;

import java.time.Instant;

/** Time as devices see it. The machine's clock stands still while the machine is paused. */
public interface VmClock {

    /** Nanoseconds of guest time since the machine was made; never goes back. */
    long nanoTime();

    /** The date and time of day that the real-time clock starts from and follows. */
    Instant wallTime();

    /**
     * Makes a timer, not yet armed.
     *
     * @param action called on the clock's own thread with no lock held, each time that the timer is due; it takes its
     *               device's lock itself
     */
    Timer newTimer(Runnable action);

    /** A one-shot timer that can be armed again and again. Any thread may call. Arming allocates nothing. */
    interface Timer {

        /** Arms the timer for the moment {@code deadline} of {@link VmClock#nanoTime()}; replaces an earlier one. */
        void arm(long deadline);

        /** Disarms the timer; an action that has begun goes on. */
        void cancel();

        /** Disarms the timer for good: its device is gone, and the clock forgets it. */
        default void close() {
            cancel();
        }
    }
}
