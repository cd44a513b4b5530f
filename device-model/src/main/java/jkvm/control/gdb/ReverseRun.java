package jkvm.control.gdb;

import java.util.Optional;
import java.util.concurrent.CompletionException;
import jkvm.machine.ReplayHistory;
import jkvm.vm.Vcpu;

/**
 * Leads a replay back: an instruction, or to the last breakpoint before. Back is forward again from a moment that is
 * kept: the guest runs from there with the breakpoints in force, and each that it meets may be the last one. A short
 * time is tried first, then longer ones. For the server's worker.
 */
final class ReverseRun {
    /** Instructions that are searched first, and how much more each time. */
    private static final long FIRST_WINDOW = 1000;
    private static final int GROWTH = 16;
    private static final String BEGIN = "replaylog:begin;";

    private final ReplayHistory history;
    private final Breakpoints breakpoints;
    private final Runner runner;

    /** Lets the machine run. */
    interface Runner {

        /** Resumes the paused machine and waits until it stands again. */
        Stop run() throws Abandoned;

        /** Waits until the machine, which runs, stands again. */
        Stop await() throws Abandoned;
    }

    /**
     * A machine that stands again.
     *
     * @param vcpu       with a debug exit; null where the machine stopped at the count that was asked for
     * @param conditions of DR6: the breakpoints in debug registers that were met
     */
    record Stop(Vcpu vcpu, long conditions) {
    }

    /** The debugger interrupts the search, or has gone, or the machine has ended. */
    static final class Abandoned extends Exception {
        private static final long serialVersionUID = 1;

        Abandoned() {
            super("abandoned", null, false, false);
        }
    }

    /** A breakpoint that was met: before which instruction, and what gdb is told of it. */
    private record Hit(long count, String reason) {
    }

    ReverseRun(ReplayHistory history, Breakpoints breakpoints, Runner runner) {
        this.history = history;
        this.breakpoints = breakpoints;
        this.runner = runner;
    }

    /** @return the reason that the stop reply gives, empty for none */
    String step() throws Abandoned {
        long count = history.count();
        if (count <= history.first()) {
            return BEGIN;
        }
        go(count - 1);
        return "";
    }

    /** @return the reason that the stop reply gives, empty for none */
    String resume() throws Abandoned {
        long now = history.count();
        for (long window = FIRST_WINDOW; ; window *= GROWTH) {
            long from = Math.max(history.first(), now - window);
            Hit last = lastHit(from, now);
            if (last != null) {
                go(last.count);
                return last.reason;
            }
            if (from == history.first()) {
                go(from);
                return BEGIN;
            }
        }
    }

    private void go(long count) throws Abandoned {
        breakpoints.rest();
        boolean isThere;
        try {
            isThere = history.seek(count);
        } catch (CompletionException _) {
            // The machine has ended.
            throw new Abandoned();
        }
        if (!isThere) {
            runner.await();
        }
    }

    private Hit lastHit(long from, long end) throws Abandoned {
        go(from);
        Hit last = null;
        while (history.count() < end) {
            Stop stop = run(null, end);
            if (stop.vcpu == null) {
                return last;
            }
            last = better(last, stop, end);
            if (isCode(stop)) {
                Stop after = run(stop.vcpu, end);
                last = (after.conditions & Breakpoints.CONDITIONS) == 0 ? last : better(last, after, end);
            }
        }
        return last;
    }

    /** @param stepping executes one instruction; null to run */
    private Stop run(Vcpu stepping, long end) throws Abandoned {
        breakpoints.arm(stepping);
        history.runTo(end);
        try {
            return runner.run();
        } finally {
            breakpoints.disarm();
        }
    }

    private Optional<Breakpoint> watched(Stop stop) {
        return breakpoints.inRegister(Long.numberOfTrailingZeros(stop.conditions)).filter(one -> !one.isCode());
    }

    private boolean isCode(Stop stop) {
        return watched(stop).isEmpty();
    }

    /** An access is met after its instruction, and gdb expects to be before it; code is met before. */
    private Hit better(Hit last, Stop stop, long end) {
        long count = isCode(stop) ? history.count() : history.count() - 1;
        return count < end ? new Hit(count, watched(stop).map(Breakpoint::reason).orElse("")) : last;
    }
}
