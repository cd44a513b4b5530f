package jkvm.examples;

import java.time.Instant;
import jkvm.work.VmClock;

/** Time for devices of which no timer is wanted: it never passes. */
final class StillClock implements VmClock {
    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public Instant wallTime() {
        return Instant.EPOCH;
    }

    @Override
    public Timer newTimer(Runnable action) {
        return new Timer() {
            @Override
            public void arm(long deadline) {
                // Never due.
            }

            @Override
            public void cancel() {
                // Not armed.
            }
        };
    }
}
