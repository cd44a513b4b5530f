package jkvm.control.migrate;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Keeps a stream below a number of bytes a second. For one thread. */
final class Pace {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /** The stream may catch up with as much as it was late. */
    private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LEAST_SLEEP = TimeUnit.MILLISECONDS.toNanos(1);

    private long limit = Long.MAX_VALUE;
    private long start;
    private long bytesAtStart;

    /**
     * Sleeps where the stream is ahead.
     *
     * @param bytes so far
     * @param now   a limit; {@link Long#MAX_VALUE} for none
     */
    void keep(long bytes, long now) {
        long time = System.nanoTime();
        if (now != limit) {
            limit = now;
            start = time;
            bytesAtStart = bytes;
        }
        if (limit == Long.MAX_VALUE) {
            return;
        }
        long ahead = start + (long) ((double) (bytes - bytesAtStart) / limit * SECOND) - time;
        if (ahead > LEAST_SLEEP) {
            LockSupport.parkNanos(Math.min(ahead, SLACK));
        } else if (ahead < -SLACK) {
            start = time - SLACK;
            bytesAtStart = bytes;
        }
    }
}
