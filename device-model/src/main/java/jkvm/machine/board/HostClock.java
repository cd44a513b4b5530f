package jkvm.machine.board;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import jkvm.machine.config.RtcConfig;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * The machine's clock: host time less the time that the machine was paused. One worker runs all timers; it sleeps until
 * the earliest is due. There are few timers, so that finding the earliest is a walk over all of them.
 */
public final class HostClock implements MachineClock {
    private static final long NEVER = Long.MAX_VALUE;
    private static final int STATE_VERSION = 1;
    /** A machine that has run for 100 years, so that no deadline overflows. */
    private static final long LATEST = Duration.ofDays(36_525).toNanos();

    /** Replaced as a whole: a walk goes on over the one that it began with. Written with this object's monitor held. */
    private volatile ClockTimer[] timers = {};
    private final Duration wallOffset;
    private final RtcConfig.Source source;
    private final Instant madeAt = Instant.now();
    private final long madeAtNanos = System.nanoTime();
    private final Workers workers;
    /** Null before the start, as the next field. */
    private Worker worker;
    /** The worker's thread. */
    private volatile Thread runner;
    /** A look was asked for: before the first round has said which thread it is on, nobody could be woken. */
    private volatile boolean asked;
    /** Host time at guest time zero, moved on by each pause. */
    private volatile long origin = System.nanoTime();
    /** The guest time, which stops while paused. */
    private volatile long pausedAt = NEVER;

    /**
     * Begins at zero.
     *
     * @param wallOffset what the guest's date and time differ from the host's now
     * @param source     what they follow from now on
     */
    public HostClock(Duration wallOffset, RtcConfig.Source source, Workers workers) {
        this.wallOffset = wallOffset;
        this.source = source;
        this.workers = workers;
    }

    @Override
    public synchronized void start() {
        worker = workers.waiting("jkvm-clock", this::round, this::look);
    }

    /** Ends the round's wait, or else the next one. */
    private void look() {
        asked = true;
        LockSupport.unpark(runner);
    }

    @Override
    public long nanoTime() {
        long paused = pausedAt;
        return paused != NEVER ? paused : System.nanoTime() - origin;
    }

    @Override
    public Instant wallTime() {
        return switch (source) {
            case HOST -> Instant.now().plus(wallOffset);
            case MONOTONIC -> madeAt.plus(wallOffset).plusNanos(System.nanoTime() - madeAtNanos);
            case GUEST -> madeAt.plus(wallOffset).plusNanos(nanoTime());
        };
    }

    @Override
    public synchronized void pause() {
        if (pausedAt == NEVER) {
            pausedAt = nanoTime();
        }
    }

    @Override
    public synchronized void resume() {
        if (pausedAt != NEVER) {
            origin = System.nanoTime() - pausedAt;
            pausedAt = NEVER;
            look();
        }
    }

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putLong("nanos", nanoTime());
    }

    /**
     * The date stays the host's if it follows that: it is another one than when the state was saved, and the real-time
     * clock follows it.
     */
    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        long nanos = in.getLong("nanos");
        if (nanos < 0 || nanos > LATEST) {
            throw new StateException("a clock at " + nanos + " ns");
        }
        if (pausedAt == NEVER) {
            origin = System.nanoTime() - nanos;
        } else {
            pausedAt = nanos;
        }
    }

    @Override
    public Runnable keepTimers() {
        ClockTimer[] kept = timers;
        long[] deadlines = new long[kept.length];
        for (int i = 0; i < kept.length; i++) {
            deadlines[i] = kept[i].deadline;
        }
        return () -> {
            for (int i = 0; i < kept.length; i++) {
                kept[i].deadline = deadlines[i];
            }
            look();
        };
    }

    @Override
    public Timer newTimer(Runnable action) {
        ClockTimer timer = new ClockTimer(action);
        synchronized (this) {
            ClockTimer[] more = Arrays.copyOf(timers, timers.length + 1);
            more[timers.length] = timer;
            timers = more;
        }
        return timer;
    }

    private synchronized void forget(ClockTimer timer) {
        List<ClockTimer> left = new ArrayList<>(Arrays.asList(timers));
        left.remove(timer);
        timers = left.toArray(ClockTimer[]::new);
    }

    private final class ClockTimer implements Timer {
        private final Runnable action;
        private volatile long deadline = NEVER;

        ClockTimer(Runnable action) {
            this.action = action;
        }

        @Override
        public synchronized void arm(long newDeadline) {
            deadline = newDeadline;
            look();
        }

        @Override
        public synchronized void cancel() {
            deadline = NEVER;
        }

        @Override
        public void close() {
            forget(this);
            cancel();
        }

        private synchronized boolean takeIfDue(long now) {
            if (deadline > now) {
                return false;
            }
            deadline = NEVER;
            return true;
        }
    }

    private void round() {
        runner = Thread.currentThread();
        long next = runDueTimers();
        if (next == NEVER && !asked) {
            LockSupport.park(this);
        } else if (!asked) {
            LockSupport.parkNanos(this, Math.max(1, next - nanoTime()));
        }
        asked = false;
    }

    /** Answers when the next timer is due. */
    private long runDueTimers() {
        long now = nanoTime();
        long next = NEVER;
        for (ClockTimer timer : timers) {
            if (timer.takeIfDue(now)) {
                timer.action.run();
            }
            next = Math.min(next, timer.deadline);
        }
        return next;
    }

    @Override
    public synchronized void close() {
        if (worker != null) {
            worker.close();
        }
    }
}
