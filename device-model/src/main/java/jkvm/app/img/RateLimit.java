package jkvm.app.img;

import java.util.concurrent.locks.LockSupport;

/** Lets so many bytes through in a second, a tenth of them at once. For one thread. */
final class RateLimit {
    private static final double NANOS = 1e9;

    private final long bytesPerSecond;
    private double level;
    private long last = System.nanoTime();

    /** @param bytesPerSecond 0 for no limit */
    RateLimit(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** Waits until as much may be written. */
    void await(long bytes) {
        if (bytesPerSecond == 0) {
            return;
        }
        drain();
        double tooMuch = level - bytesPerSecond / 10.0;
        while (tooMuch > 0) {
            LockSupport.parkNanos((long) (tooMuch / bytesPerSecond * NANOS) + 1);
            drain();
            tooMuch = level - bytesPerSecond / 10.0;
        }
        level += bytes;
    }

    private void drain() {
        long now = System.nanoTime();
        level = Math.max(0, level - (now - last) / NANOS * bytesPerSecond);
        last = now;
    }
}
