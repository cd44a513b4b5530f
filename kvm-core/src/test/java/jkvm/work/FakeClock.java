package jkvm.work;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A clock that a test moves by hand; timers fire on the moving thread, in the order in which they are due. */
public final class FakeClock implements VmClock {
    private final List<FakeTimer> timers = new ArrayList<>();
    private Instant wallStart = Instant.parse("2024-02-28T12:34:56Z");
    private long now;

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Instant wallTime() {
        return wallStart.plusNanos(now);
    }

    /** Makes it {@code wall} o'clock now. Guest time does not move. */
    public void setWallTime(Instant wall) {
        wallStart = wall.minusNanos(now);
    }

    public void advance(Duration time) {
        advanceNanos(time.toNanos());
    }

    public void advanceMillis(long millis) {
        advanceNanos(millis * 1_000_000);
    }

    /** Moves on and fires all timers that become due, each at its own time. */
    public void advanceNanos(long nanos) {
        long target = now + nanos;
        for (FakeTimer due = firstDue(target); due != null; due = firstDue(target)) {
            now = Math.max(now, due.deadline);
            due.armed = false;
            due.fired++;
            due.action.run();
        }
        now = target;
    }

    /** How many timers are armed. */
    public int armedTimers() {
        return (int) timers.stream().filter(timer -> timer.armed).count();
    }

    /** How often timers have fired. */
    public int firedTimers() {
        return timers.stream().mapToInt(timer -> timer.fired).sum();
    }

    @Override
    public Timer newTimer(Runnable action) {
        FakeTimer timer = new FakeTimer(action);
        timers.add(timer);
        return timer;
    }

    private FakeTimer firstDue(long target) {
        FakeTimer first = null;
        for (FakeTimer timer : timers) {
            if (timer.armed && timer.deadline <= target && (first == null || timer.deadline < first.deadline)) {
                first = timer;
            }
        }
        return first;
    }

    private static final class FakeTimer implements Timer {
        private final Runnable action;
        private long deadline;
        private boolean armed;
        private int fired;

        FakeTimer(Runnable action) {
            this.action = action;
        }

        @Override
        public void arm(long newDeadline) {
            deadline = newDeadline;
            armed = true;
        }

        @Override
        public void cancel() {
            armed = false;
        }
    }
}
