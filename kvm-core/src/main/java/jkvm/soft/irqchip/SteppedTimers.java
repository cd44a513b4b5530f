package jkvm.soft.irqchip;

/**
 * Time that goes on only by {@link #advance}: the same run expires the same timers at the same moments. One thread
 * advances; the others may read the time and start timers.
 */
public final class SteppedTimers implements Timers {
    private static final Runnable NOBODY_WAITS = () -> { };
    private final TimerQueue queue = new TimerQueue();
    private volatile long now;

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public Timer timer(Runnable expiry) {
        return queue.timer(expiry, NOBODY_WAITS);
    }

    /**
     * Lets time go on; every timer that is due meanwhile expires at its own moment.
     *
     * @param nanos not negative
     */
    public void advance(long nanos) {
        long end = now + nanos;
        while (queue.nextDeadline() <= end) {
            long next = Math.max(now, queue.nextDeadline());
            now = next;
            Runnable expiry = queue.pollExpired(next);
            if (expiry != null) {
                expiry.run();
            }
        }
        now = end;
    }
}
