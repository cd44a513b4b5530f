package jkvm.bench;

import java.time.Instant;
import jkvm.work.VmClock;

/** Time that stands still: its timers are never due. */
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
                // Time stands still.
            }

            @Override
            public void cancel() {
                // Nothing is armed.
            }
        };
    }
}
