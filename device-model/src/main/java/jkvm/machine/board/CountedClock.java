package jkvm.machine.board;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.InstructionClock;

/** A machine's clock that counts instructions: it stops whenever the vCPU stops, and timers expire on its thread. */
public final class CountedClock implements MachineClock {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final InstructionClock clock;
    private final List<CountedTimer> timers = new CopyOnWriteArrayList<>();

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
        CountedTimer timer = new CountedTimer(clock.timer(action));
        timers.add(timer);
        return timer;
    }

    private final class CountedTimer implements Timer {
        private final InstructionClock.Timer timer;

        CountedTimer(InstructionClock.Timer timer) {
            this.timer = timer;
        }

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
            timers.remove(this);
            timer.close();
        }
    }

    @Override
    public Runnable keepTimers() {
        List<CountedTimer> kept = List.copyOf(timers);
        long[] deadlines = kept.stream().mapToLong(each -> each.timer.deadline()).toArray();
        return () -> {
            for (int i = 0; i < deadlines.length; i++) {
                kept.get(i).timer.arm(deadlines[i]);
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
