package jkvm.host.usernet;

import java.util.concurrent.TimeUnit;

/**
 * How long a flow waits for an acknowledgement before it sends again (RFC 6298): estimated from the times that
 * acknowledgements of segments that were sent once have taken. Sequence numbers are TCP's, times are nanoseconds.
 */
final class RetransmissionTimer {
    /** Also the shortest: there is no network in between, and the first SYN may be lost for want of an address. */
    static final long FIRST_TIMEOUT = TimeUnit.MILLISECONDS.toNanos(250);
    static final long MAX_TIMEOUT = TimeUnit.SECONDS.toNanos(8);
    private static final int MAX_BACKOFF = 10;

    private long smoothed;
    private long variation;
    private boolean measured;
    private long timeout = FIRST_TIMEOUT;
    /** Doublings since the last measurement. */
    private int backoff;
    private boolean timing;
    private int timedEnd;
    private long timedSince;

    /** Bytes up to {@code end} are sent for the first time. */
    void sent(int end, long now) {
        if (!timing) {
            timing = true;
            timedEnd = end;
            timedSince = now;
        }
    }

    /** All up to {@code number} has been acknowledged. */
    void acknowledged(int number, long now) {
        if (timing && number - timedEnd >= 0) {
            timing = false;
            measure(now - timedSince);
        }
    }

    private void measure(long time) {
        if (measured) {
            variation += (Math.abs(smoothed - time) - variation) / 4;
            smoothed += (time - smoothed) / 8;
        } else {
            smoothed = time;
            variation = time / 2;
            measured = true;
        }
        timeout = Math.clamp(smoothed + 4 * variation, FIRST_TIMEOUT, MAX_TIMEOUT);
        backoff = 0;
    }

    /** Something is sent again: its acknowledgement would not tell which of the two it is for. */
    void resent() {
        timing = false;
    }

    /** The time is over: the next one is twice as long. */
    void expired() {
        timing = false;
        backoff = Math.min(backoff + 1, MAX_BACKOFF);
    }

    /** Starts anew: the wait is for something else than before. */
    void restart() {
        backoff = 0;
    }

    /** How long to wait. */
    long timeout() {
        return Math.min(MAX_TIMEOUT, timeout << backoff);
    }
}
