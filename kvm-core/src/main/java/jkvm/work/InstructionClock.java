package jkvm.work;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Time counted in instructions: {@code count << shift} nanoseconds, plus the time for which the one vCPU was halted.
 * All time that a guest can see comes from this clock, and each event reaches it at a moment of this clock: timers
 * expire and devices' workers run on the vCPU's thread between two instructions. So two runs of a guest without input
 * from outside agree in each bit of its memory, however busy the host is. Input from outside waits for the next
 * multiple of {@link #INPUT_QUANTUM_NANOS}.
 *
 * <p>Threads: {@link #attach}, {@link #runDue}, {@link #allowance} and {@link #idle} are for the thread that runs the
 * vCPU. {@link #input}, {@link #close} and {@link #nanos} are for any. Timers are armed on the vCPU's thread, or while
 * the vCPU is paused.
 *
 * <pre>{@code
 * InstructionClock clock = new InstructionClock(0, false, false, 0);
 * clock.stopAt(1_000_000, () -> System.out.println("a million instructions, at " + clock.nanos() + " ns"));
 * Accelerator soft = Accelerators.open(List.of(Accelerator.Kind.SOFT), host, SoftOptions.counting(clock));
 * }</pre>
 */
public final class InstructionClock implements Clock {
    /** QEMU's limit: an instruction takes at most 1,024 ns. */
    public static final int MAX_SHIFT = 10;
    /** Input from outside comes at multiples of this. */
    public static final long INPUT_QUANTUM_NANOS = 1_000_000;

    /** The time from a wake of a device's worker to its work. */
    public static final long WORK_NANOS = 20_000;

    private static final long NEVER = InputGate.NEVER;
    private static final int STATE_VERSION = 2;
    /** No state is so late, so that no deadline overflows. */
    private static final long LATEST = 1L << 61;
    /** Actions that run before the guest executes at least one instruction: a timer may start itself in the past. */
    private static final int MAX_ACTIONS = 64;
    /** How far the guest's time may run ahead of the host's where they are aligned: QEMU's limit. */
    private static final long MAX_ADVANCE_NANOS = 3_000_000;

    private final int shift;
    private final boolean sleeps;
    private final boolean aligns;
    private final long startWallNanos;
    /** Guarded by this; in the order in which they were made, which is the order of those that are due together. */
    private final List<Entry> timers = new ArrayList<>();
    private final InputGate inputs;
    private final ExactStates exactStates = new ExactStates();
    private volatile Counter counter = new Counter() {
        @Override
        public long instructions() {
            return 0;
        }

        @Override
        public void attend() {
            // No vCPU yet.
        }
    };
    /** Instructions that another machine has executed, whose state this one has taken over. */
    private volatile long countBefore;
    /** The highest count of a replay before a state was loaded. */
    private volatile long furthest;
    /** Nanoseconds that passed without instructions. Written by the vCPU's thread. */
    private volatile long halted;
    private volatile boolean closed;
    private long stopCount = NEVER;
    private Runnable stopAction;
    /** When the vCPU will look at the clock again. */
    private volatile long horizon;
    /** The host's time when the vCPU halted, or 0 while it runs; and when the guest's time was last aligned with it. */
    private long haltedSince;
    private long alignedHost, alignedGuest;
    private boolean defectLogged;

    /** Counts the instructions that the vCPU executes. */
    public interface Counter {
        /** The number of instructions so far. Exact between two instructions on the vCPU's thread. */
        long instructions();

        /** Asks the vCPU to look at the clock soon. Any thread. */
        void attend();
    }

    /** A one-shot timer that can be armed again and again. */
    public interface Timer {
        /** Arms the timer for a moment of {@link #nanos()}; replaces an earlier moment. */
        void arm(long deadlineNanos);

        /** Disarms the timer. */
        void cancel();

        /** When the timer is due; {@link Long#MAX_VALUE} if it is not armed. */
        long deadline();

        /** Removes the timer: it is not armed again. */
        void close();
    }

    /**
     * A clock that stands at zero.
     *
     * @param shift          an instruction takes {@code 1 << shift} nanoseconds; 0 to {@link #MAX_SHIFT}
     * @param sleeps         a halted vCPU sleeps as long as the clock says; else the clock is put forward at once
     * @param aligns         the guest waits for the host's clock where its own is ahead
     * @param startWallNanos the date at zero, in nanoseconds since 1970
     */
    public InstructionClock(int shift, boolean sleeps, boolean aligns, long startWallNanos) {
        this(shift, sleeps, aligns, startWallNanos, InputLog.none());
    }

    /**
     * A clock that stands at zero, with a log of inputs. A guest that takes them from there does not wait for the
     * host's time.
     *
     * @param log closed with this clock
     */
    public InstructionClock(int shift, boolean sleeps, boolean aligns, long startWallNanos, InputLog log) {
        if (shift < 0 || shift > MAX_SHIFT) {
            throw new IllegalArgumentException("shift " + shift);
        }
        this.shift = shift;
        this.sleeps = sleeps && !log.isReplay();
        this.aligns = aligns && !log.isReplay();
        this.startWallNanos = startWallNanos;
        this.inputs = new InputGate(log, this);
    }

    /** Instructions executed. */
    public long count() {
        return countBefore + counter.instructions();
    }

    @Override
    public long nanos() {
        return (count() << shift) + halted;
    }

    @Override
    public long wallNanos() {
        return startWallNanos + nanos();
    }

    /** @param action called on the vCPU's thread between two instructions, with no lock held */
    public synchronized Timer timer(Runnable action) {
        Entry entry = new Entry(action);
        timers.add(entry);
        return entry;
    }

    /**
     * Runs an action on the vCPU's thread after exactly {@code count} instructions, before the next one. Replaces an
     * earlier action whose count is not yet reached.
     */
    public synchronized void stopAt(long count, Runnable action) {
        stopCount = count;
        stopAction = action;
        counter.attend();
    }

    /**
     * Runs an action for input from outside on the vCPU's thread, at the next moment for input. It gives what it brings
     * to an {@link InputChannel}. Where input comes from a log it does not run. Any thread.
     */
    public void input(Runnable action) {
        if (!closed && inputs.add(action)) {
            counter.attend();
        }
    }

    /**
     * A way for input. Made before the guest begins, in the same order and under the same names in each run.
     *
     * @param name  without white space, as no other one
     * @param taker gives it to the guest, on the vCPU's thread
     */
    public InputChannel channel(String name, Consumer<byte[]> taker) {
        return new InputChannel(inputs, name, taker);
    }

    /** Where inputs are written down, or come from. */
    public InputLog log() {
        return inputs.log();
    }

    /** The numbers that a saved state has besides those of all parts' own. */
    public ExactStates exactStates() {
        return exactStates;
    }

    /** Tells where a run differs from the recording whose inputs it takes. On the vCPU's thread. */
    public void onDivergence(Consumer<String> listener) {
        inputs.onDivergence(listener);
    }

    /** True while a replay does again what it did before a state was loaded: its output was given already. */
    public boolean isRepeating() {
        return count() < furthest;
    }

    /** Ends the clock with its machine: threads that wait for it go on. */
    public void close() {
        closed = true;
        inputs.clear();
        counter.attend();
    }

    public boolean isClosed() {
        return closed;
    }

    /** Writes how far the clock is. Timers are their owners'. The vCPU is paused. */
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("shift", shift);
        out.putLong("count", count());
        out.putLong("halted", halted);
        out.putInt("inputs", inputs.log().position());
    }

    /**
     * Goes on from a saved count, which may be earlier than its own. Those that have armed timers arm them anew. The
     * vCPU is paused.
     *
     * @throws StateException if the state is of a clock whose instructions take another time
     */
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        in.getInt("shift", shift, shift);
        long count = in.getLong("count");
        long nanos = in.getLong("halted");
        int passed = in.getInt("inputs", 0, Integer.MAX_VALUE);
        if (count < 0 || count > LATEST >> shift || nanos < 0 || nanos > LATEST) {
            throw new StateException("a clock at %d instructions and %d ns".formatted(count, nanos));
        }
        if (inputs.log().isReplay()) {
            furthest = Math.max(furthest, count());
        }
        countBefore = count - counter.instructions();
        halted = nanos;
        haltedSince = 0;
        alignedHost = 0;
        inputs.reset(passed);
        counter.attend();
    }

    /** Connects the vCPU. */
    public void attach(Counter newCounter) {
        counter = newCounter;
    }

    /** Runs all actions that are due. The vCPU is outside the guest. */
    public void runDue() {
        haltedSince = 0;
        act();
        if (aligns) {
            align();
        }
    }

    private void act() {
        for (int i = 0; i < MAX_ACTIONS; i++) {
            Runnable action = nextDue();
            if (action == null) {
                return;
            }
            try {
                action.run();
            } catch (RuntimeException | Error e) {
                log(e);
            }
        }
    }

    private synchronized Runnable nextDue() {
        long now = nanos();
        if (count() >= stopCount) {
            stopCount = NEVER;
            return stopAction;
        }
        inputs.note(now);
        if (inputs.due() <= now) {
            return inputs::handOver;
        }
        Entry first = firstTimer();
        if (first == null || first.deadline > now) {
            return null;
        }
        first.deadline = NEVER;
        return first.action;
    }

    private Entry firstTimer() {
        Entry first = null;
        for (int i = 0; i < timers.size(); i++) {
            Entry timer = timers.get(i);
            if (timer.deadline != NEVER && (first == null || timer.deadline < first.deadline)) {
                first = timer;
            }
        }
        return first;
    }

    private long nextDeadline() {
        Entry first = firstTimer();
        return Math.min(inputs.due(), first == null ? NEVER : first.deadline);
    }

    /** The number of instructions that may be executed before the next look at the clock: at least one. */
    public synchronized long allowance() {
        long now = nanos();
        inputs.note(now);
        long next = nextDeadline();
        if (aligns) {
            next = Math.min(next, now + MAX_ADVANCE_NANOS);
        }
        horizon = next;
        long count = next == NEVER ? NEVER : (next - now + (1L << shift) - 1) >> shift;
        return Math.max(1, Math.min(count, stopCount - count()));
    }

    /**
     * The vCPU is halted and nothing wakes it: puts the clock forward to the next moment at which something happens,
     * and lets it happen; or sleeps. May return early: the caller looks again.
     */
    public void idle() {
        if (sleeps) {
            noteTimeAsleep();
        }
        long now = nanos();
        long next;
        synchronized (this) {
            inputs.note(now);
            next = nextDeadline();
        }
        if (next == NEVER) {
            LockSupport.park(this);
        } else if (next <= now || !sleeps || hasSlept(next - now)) {
            halted += Math.max(0, next - now);
            haltedSince = 0;
            act();
        }
    }

    /** The clock stands while the vCPU sleeps: input that ends the sleep comes after the time that it has taken. */
    private void noteTimeAsleep() {
        long host = System.nanoTime();
        if (haltedSince == 0) {
            haltedSince = host;
        }
        if (inputs.isUnnoticed()) {
            long asleep;
            synchronized (this) {
                asleep = Math.clamp(nextDeadline() - nanos(), 0, host - haltedSince);
            }
            halted += asleep;
            haltedSince = host;
        }
    }

    /**
     * Sleeps until a moment.
     *
     * @return false if woken before
     */
    private boolean hasSlept(long nanos) {
        long left = nanos - (System.nanoTime() - haltedSince);
        if (left > 0) {
            LockSupport.parkNanos(this, left);
        }
        return left <= 0;
    }

    /** Lets the host's clock catch up. */
    private void align() {
        long host = System.nanoTime();
        long guest = nanos();
        long ahead = guest - alignedGuest - (host - alignedHost);
        if (alignedHost == 0 || ahead < 0) {
            alignedHost = host;
            alignedGuest = guest;
        } else if (ahead > MAX_ADVANCE_NANOS) {
            LockSupport.parkNanos(this, ahead);
        }
    }

    private void log(Throwable defect) {
        if (!defectLogged) {
            defectLogged = true;
            MachineWorkers.logDefect("a timer", defect);
        }
    }

    private final class Entry implements Timer {
        private final Runnable action;
        private volatile long deadline = NEVER;

        Entry(Runnable action) {
            this.action = action;
        }

        @Override
        public void arm(long deadlineNanos) {
            synchronized (InstructionClock.this) {
                deadline = deadlineNanos;
            }
            if (deadlineNanos < horizon) {
                counter.attend();
            }
        }

        @Override
        public void cancel() {
            deadline = NEVER;
        }

        @Override
        public long deadline() {
            return deadline;
        }

        @Override
        public void close() {
            synchronized (InstructionClock.this) {
                timers.remove(this);
            }
        }
    }
}
