package jkvm.soft.irqchip;

import jkvm.work.ExactStates;
import jkvm.work.InstructionClock;

/** Timers of a clock that counts instructions: they expire on the vCPU's thread, between two instructions. */
public final class CountedTimers implements Timers {
    private final InstructionClock clock;

    public CountedTimers(InstructionClock clock) {
        this.clock = clock;
    }

    @Override
    public long nanos() {
        return clock.nanos();
    }

    @Override
    public void saveExactly(String name, ExactStates.Part part) {
        clock.exactStates().add(name, part);
    }

    @Override
    public Timer timer(Runnable expiry) {
        InstructionClock.Timer timer = clock.timer(expiry);
        return new Timer() {
            @Override
            public void start(long deadlineNanos) {
                timer.arm(deadlineNanos);
            }

            @Override
            public void stop() {
                timer.cancel();
            }
        };
    }
}
