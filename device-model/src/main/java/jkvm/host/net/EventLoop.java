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
import jkvm.work.Threads;

/**
 * One thread and its selector: everything that a backend owns is touched by this thread only. Where time is counted in
 * instructions there is no such thread. The vCPU's goes round the loop at moments of the clock, and as long as there
 * are channels to watch it looks at them each {@link InstructionClock#INPUT_QUANTUM_NANOS}.
 */
public final class EventLoop implements AutoCloseable {
    /** What {@link Task#turn} answers if only an event ends the wait. */
    public static final long FOREVER = Long.MAX_VALUE;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final GuestLog log = new GuestLog("jkvm.host.net");
    private final AtomicLong failures = new AtomicLong();
    private final Selector selector;
    private final Thread thread;
    private final InstructionClock clock;
    private final InstructionClock.Timer timer;
    /** When the timer is due, and whether the loop goes round now. On the vCPU's thread. */
    private long due = FOREVER;
    private boolean turning;
    private final Task work;
    private final Consumer<SelectionKey> dispatch = this::dispatch;
    private volatile boolean woken;
    private volatile boolean sleeping;
    private volatile boolean closed;

    /** What the loop does. */
    public interface Task {

        /**
         * One round; called on the loop's thread at its start and after each event.
         *
         * @return milliseconds to wait
         */
        long turn();

        /** Ends: called once, last, on the loop's thread, or on the closer's if the loop was never started. */
        void end();
    }

    /** The attachment of a selection key. */
    public interface Handler {
        void ready(SelectionKey key);
    }

    /** @param name of the thread */
    public EventLoop(String name, Task work) {
        this(name, work, null);
    }

    /** @param clock counts instructions; null for a thread that goes by the host's time */
    public EventLoop(String name, Task work, InstructionClock clock) {
        this.work = work;
        this.clock = clock;
        this.timer = clock == null ? null : clock.timer(this::round);
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
        try {
            selector = Selector.open();
        } catch (IOException cannot) {
            throw new UncheckedIOException(cannot);
        }
    }

    public void start() {
        if (clock == null) {
            thread.start();
        } else {
            wake();
        }
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

    private void arm(long delay) {
        long moment = clock.nanos() + delay;
        if (moment < due && !closed) {
            due = moment;
            timer.arm(moment);
        }
    }

    /** One round on the vCPU's thread. */
    private void round() {
        due = FOREVER;
        woken = false;
        turning = true;
        try {
            long wait = work.turn();
            selector.selectNow(dispatch);
            if (wait != FOREVER) {
                arm(Math.max(InstructionClock.WORK_NANOS, wait * NANOS_PER_MILLI));
            }
        } catch (RuntimeException | Error | IOException defect) {
            failed(defect);
        } finally {
            turning = false;
        }
        if (woken) {
            arm(InstructionClock.WORK_NANOS);
        }
        if (!selector.keys().isEmpty()) {
            arm(InstructionClock.INPUT_QUANTUM_NANOS);
        }
    }

    /** How often something threw that should not have: each a defect, none ends the loop. */
    public long failures() {
        return failures.get();
    }

    private void run() {
        while (!closed) {
            woken = false;
            try {
                long wait = work.turn();
                sleeping = true;
                select(woken || closed ? 0 : wait);
            } catch (RuntimeException | Error | IOException defect) {
                failed(defect);
            } finally {
                sleeping = false;
            }
        }
        finish();
    }

    private void select(long wait) throws IOException {
        if (wait <= 0) {
            selector.selectNow(dispatch);
        } else {
            selector.select(dispatch, wait == FOREVER ? 0 : wait);
        }
    }

    private void dispatch(SelectionKey key) {
        try {
            ((Handler) key.attachment()).ready(key);
        } catch (CancelledKeyException _) {
            // Closed by the handling of another key.
        } catch (RuntimeException | Error defect) {
            failed(defect);
        }
    }

    private void failed(Throwable defect) {
        failures.incrementAndGet();
        log.log("defect: " + defect, 0, 0);
    }

    private void finish() {
        work.end();
        try {
            selector.close();
        } catch (IOException _) {
            // Nothing is lost with it.
        }
    }

    /** Stops the loop and waits for its thread, unless called on it. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (thread.getState() == Thread.State.NEW) {
            if (timer != null) {
                timer.close();
            }
            finish();
            return;
        }
        selector.wakeup();
        Threads.join(thread);
    }
}
