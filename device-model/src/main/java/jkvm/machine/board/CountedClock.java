package jkvm.machine.board;

import java.time.Instant;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.InstructionClock;

/** A machine's clock that counts instructions: it stops whenever the vCPU stops, and timers expire on its thread. */
public final class CountedClock implements MachineClock {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final InstructionClock clock;

    public CountedClock(InstructionClock clock) {
        this.clock = clock;
    }

    @Override
    public long nanoTime() {
        return clock.nanos();
    }

    @Override
    public Instant wallTime() {
        long nanos = clock.wallNanos();
        return Instant.ofEpochSecond(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
    }

    @Override
    public Timer newTimer(Runnable action) {
        InstructionClock.Timer timer = clock.timer(action);
        return new Timer() {
            @Override
            public void arm(long deadline) {
                timer.arm(deadline);
            }

            @Override
            public void cancel() {
                timer.cancel();
            }

            @Override
            public void close() {
                timer.close();
            }
        };
    }

    @Override
    public void start() {
        // It continues with the first instruction.
    }

    @Override
    public void pause() {
        // It stops with the vCPU.
    }

    @Override
    public void resume() {
        // It continues with the vCPU.
    }

    @Override
    public void save(StateWriter out) {
        clock.save(out);
    }

    @Override
    public void load(StateReader in) {
        clock.load(in);
    }

    @Override
    public void close() {
        clock.close();
    }
}
