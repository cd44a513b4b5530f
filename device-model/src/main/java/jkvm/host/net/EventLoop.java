package jkvm.host.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import jkvm.bus.GuestLog;
import jkvm.work.InstructionClock;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * A worker with a selector: everything that a backend owns is touched by this worker only. It waits by itself for its
 * channels. Where time is counted in instructions it does not: it goes round at moments of the clock, and as long as
 * there are channels to watch it looks at them each {@link InstructionClock#INPUT_QUANTUM_NANOS}.
 */
public final class EventLoop implements AutoCloseable {
    /** The answer of {@link Task#turn} if only an event ends the wait. */
    public static final long FOREVER = Long.MAX_VALUE;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final GuestLog log = new GuestLog("jkvm.host.net");
    private final AtomicLong failures = new AtomicLong();
    private final Selector selector;
    private final String name;
    private final Workers workers;
    /** Null without a count of instructions, as the timer, which wakes the worker. */
    private final InstructionClock clock;
    private final InstructionClock.Timer timer;
    /** When the worker goes round next, and whether it does now. On the vCPU's thread. */
    private long due = FOREVER;
    private boolean turning;
    private final Task work;
    private final Consumer<SelectionKey> dispatch = this::dispatch;
    private volatile Worker worker;
    private volatile boolean woken;
    private volatile boolean sleeping;
    private volatile boolean closed;

    /** The work of the loop. */
    public interface Task {

        /**
         * One round; called by the worker at its start and after each event.
         *
         * @return milliseconds to wait
         */
        long turn();

        /** Ends: called once, last, by the thread that closes the loop. */
        void end();
    }

    /** The attachment of a selection key. */
    public interface Handler {
        void ready(SelectionKey key);
    }

    /**
     * A loop that does nothing until {@link #start()}.
     *
     * @param name    of the worker
     * @param workers makes it
     */
    public EventLoop(String name, Task work, Workers workers) {
        this.name = name;
        this.work = work;
        this.workers = workers;
        clock = workers.clock();
        timer = clock == null ? null : clock.timer(() -> worker.wake());
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void start() {
        worker = clock == null ? workers.waiting(name, this::turnAndWait, this::unblock)
                : workers.worker(name, this::turn);
    }

    /** The time that goes with {@link Task#turn}: nanoseconds since any fixed moment. */
    public long nanos() {
        return clock == null ? System.nanoTime() : clock.nanos();
    }

    /** For channels that the loop is to watch; their keys' attachments are {@link Handler}s. */
    public Selector selector() {
        return selector;
    }

    /** Makes the loop go round once more. Any thread may call; costs little while the loop is busy. */
    public void wake() {
        woken = true;
        if (sleeping) {
            selector.wakeup();
        }
        if (clock != null && !turning) {
            arm(InstructionClock.WORK_NANOS);
        }
    }

    /** A selector remembers this for its next wait. */
    private void unblock() {
        selector.wakeup();
    }

    /** Wakes the worker after a delay, unless it runs before. */
    private void arm(long delay) {
        long moment = clock.nanos() + delay;
        if (moment < due && !closed && worker != null) {
            due = moment;
            if (delay <= InstructionClock.WORK_NANOS) {
                timer.cancel();
                worker.wake();
            } else {
                timer.arm(moment - InstructionClock.WORK_NANOS);
            }
        }
    }

    /** One round where instructions are counted. */
    private void turn() {
        due = FOREVER;
        timer.cancel();
        woken = false;
        turning = true;
        try {
            long wait = round(true);
            if (wait != FOREVER) {
                arm(Math.max(InstructionClock.WORK_NANOS, wait * NANOS_PER_MILLI));
            }
        } finally {
            turning = false;
            if (woken) {
                arm(InstructionClock.WORK_NANOS);
            }
            if (!selector.keys().isEmpty()) {
                arm(InstructionClock.INPUT_QUANTUM_NANOS);
            }
        }
    }

    /** One round by the host's time. */
    private void turnAndWait() {
        woken = false;
        try {
            round(false);
        } finally {
            sleeping = false;
        }
    }

    /**
     * Does the work and looks at the channels.
     *
     * @param counted does not wait for them
     * @return how long the work would wait
     */
    private long round(boolean counted) {
        try {
            long wait = work.turn();
            sleeping = !counted;
            select(counted || woken || closed ? 0 : wait);
            return wait;
        } catch (IOException e) {
            failures.incrementAndGet();
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            failures.incrementAndGet();
            throw e;
        }
    }

    private void select(long wait) throws IOException {
        if (wait <= 0) {
            selector.selectNow(dispatch);
        } else {
            selector.select(dispatch, wait == FOREVER ? 0 : wait);
        }
    }

    /** How often something threw that should not have: each a defect, none ends the loop. */
    public long failures() {
        return failures.get();
    }

    private void dispatch(SelectionKey key) {
        try {
            ((Handler) key.attachment()).ready(key);
        } catch (CancelledKeyException _) {
            // Closed by the handling of another key.
        } catch (RuntimeException | Error e) {
            failures.incrementAndGet();
            log.log("defect: " + e, 0, 0);
        }
    }

    /** Ends the worker, if there is one, and then the task. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (timer != null) {
            timer.close();
        }
        if (worker != null) {
            worker.close();
        }
        work.end();
        try {
            selector.close();
        } catch (IOException _) {
            // Nothing is lost with it.
        }
    }
}
