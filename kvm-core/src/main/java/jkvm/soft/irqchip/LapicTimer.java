package jkvm.soft.irqchip;

import jkvm.work.ExactStates;

/**
 * The local APIC's timer (SDM volume 3, 11.5.4): one-shot and periodic, counting KVM's APIC bus clock of 1 GHz by the
 * divide configuration, or armed by a value of the time stamp counter. With the chips' lock held, except the expiry.
 */
final class LapicTimer implements ExactStates.Part {
    /** A periodic timer is no faster than this, so that a guest cannot keep the timers' thread busy. KVM's default. */
    static final long SHORTEST_PERIOD_NANOS = 200_000;
    private static final int MODE_ONE_SHOT = 0;

    private final ApicPage page;
    private final Timers timers;
    private final Timers.Timer timer;
    private final VcpuSignals signals;
    private final Runnable expired;
    private int mode;
    private int divideShift = 1;
    /** Nanoseconds of the whole count; 0 where the timer was never started in this mode. */
    private long period;
    private long deadline;
    private boolean running;
    private long tscDeadline;

    /** @param expired called when a deadline has come; asks {@link #expire()} with the lock held */
    LapicTimer(ApicPage page, Timers timers, VcpuSignals signals, Runnable expired) {
        this.page = page;
        this.expired = expired;
        this.timers = timers;
        this.signals = signals;
        this.timer = timers.timer(expired);
        timers.saveExactly("lapic-timer", this);
    }

    boolean isTscDeadlineMode() {
        return mode == ApicRegister.TIMER_TSC_DEADLINE_BIT;
    }

    /** The timer's entry of the local vector table has the mode {@code newMode}. */
    void setMode(int newMode) {
        if (mode == newMode) {
            return;
        }
        if ((mode == ApicRegister.TIMER_TSC_DEADLINE_BIT) != (newMode == ApicRegister.TIMER_TSC_DEADLINE_BIT)) {
            stop();
            page.set(ApicRegister.INITIAL_COUNT, 0);
            period = 0;
            tscDeadline = 0;
        }
        mode = newMode;
        limitPeriod();
    }

    /** Sets a new initial count. */
    void setInitialCount(int count) {
        stop();
        page.set(ApicRegister.INITIAL_COUNT, count);
        if (startPeriod()) {
            arm(timers.nanos() + period);
        }
    }

    /** Goes on after the registers were replaced; a one-shot timer with nothing left expires at once, as KVM's does. */
    void restore(int currentCount) {
        stop();
        if (isTscDeadlineMode()) {
            if (tscDeadline != 0) {
                arm(signals.nanosAtTsc(tscDeadline));
            }
        } else if (startPeriod()) {
            long left = Math.min(toNanos(currentCount), period);
            arm(timers.nanos() + (left == 0 && mode == ApicRegister.TIMER_PERIODIC_BIT ? period : left));
        }
    }

    /** @return false where there is nothing to count */
    private boolean startPeriod() {
        if (mode != MODE_ONE_SHOT && mode != ApicRegister.TIMER_PERIODIC_BIT) {
            return false;
        }
        period = toNanos(page.get(ApicRegister.INITIAL_COUNT));
        limitPeriod();
        return period != 0;
    }

    /** Sets a new divide configuration: the rest of the count goes on at the new speed. */
    void setDivide(int configuration) {
        int old = divideShift;
        updateDivide(configuration);
        if (old == divideShift || period == 0) {
            return;
        }
        long left = Math.max(0, deadline - timers.nanos());
        period = toNanos(page.get(ApicRegister.INITIAL_COUNT));
        limitPeriod();
        if (running) {
            arm(timers.nanos() + (left >> old << divideShift));
        }
    }

    /** Takes a divide configuration over without touching a running count. */
    void updateDivide(int configuration) {
        int code = configuration & 3 | (configuration & 8) >> 1;
        divideShift = code + 1 & 7;
    }

    private long toNanos(int count) {
        return Integer.toUnsignedLong(count) << divideShift;
    }

    private void limitPeriod() {
        if (mode == ApicRegister.TIMER_PERIODIC_BIT && period > 0) {
            period = Math.max(period, SHORTEST_PERIOD_NANOS);
        }
    }

    int currentCount() {
        if (isTscDeadlineMode() || page.get(ApicRegister.INITIAL_COUNT) == 0 || period == 0) {
            return 0;
        }
        long left = Math.max(0, deadline - timers.nanos());
        return (int) (left % period >>> divideShift);
    }

    long tscDeadline() {
        return isTscDeadlineMode() ? tscDeadline : 0;
    }

    void setTscDeadline(long tsc) {
        if (!isTscDeadlineMode()) {
            return;
        }
        stop();
        tscDeadline = tsc;
        if (tsc == 0) {
            return;
        }
        long nanos = signals.nanosAtTsc(tsc);
        if (nanos <= timers.nanos()) {
            running = true;
            deadline = nanos;
            expired.run();
        } else {
            arm(nanos);
        }
    }

    private void arm(long nanos) {
        deadline = nanos;
        running = true;
        timer.start(nanos);
    }

    void stop() {
        running = false;
        timer.stop();
    }

    @Override
    public long[] exact() {
        return new long[] {running ? 1 : 0, period, deadline, tscDeadline};
    }

    @Override
    public void exact(long[] numbers) {
        stop();
        period = Math.max(0, numbers[1]);
        limitPeriod();
        deadline = numbers[2];
        tscDeadline = numbers[3];
        if (numbers[0] != 0) {
            arm(deadline);
        }
    }

    /** @return true if the deadline has come, and not an earlier one that no longer counts */
    boolean expire() {
        long now = timers.nanos();
        if (!running || now < deadline) {
            return false;
        }
        if (mode == ApicRegister.TIMER_PERIODIC_BIT && period > 0) {
            deadline += period;
            if (deadline <= now) {
                deadline = now + period - (now - deadline) % period;
            }
            timer.start(deadline);
        } else {
            running = false;
            tscDeadline = 0;
        }
        return true;
    }
}
