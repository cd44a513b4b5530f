package jkvm.work;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes the workers of one machine, and pauses them together. Any thread may call.
 *
 * <pre>{@code
 * try (Workers workers = Workers.onThreads()) {
 *     Worker printer = workers.worker("printer", () -> System.out.println("a round"));
 *     printer.wake();
 *     workers.pause();  // no worker is in a round now
 *     workers.resume();
 * }
 * }</pre>
 */
public final class Workers implements AutoCloseable {
    /** Null where each worker has a thread. */
    private final InstructionClock clock;
    /** Those that are not closed. Guarded by this, as the next field. */
    private final List<Worker> open = new ArrayList<>();
    private boolean paused;

    private Workers(InstructionClock clock) {
        this.clock = clock;
    }

    /** Each worker has a daemon thread of its own. */
    public static Workers onThreads() {
        return new Workers(null);
    }

    /**
     * For a machine whose time is counted in instructions. Work is done on the vCPU's thread, a fixed time after the
     * wake: what it changes becomes visible to the guest at that count and at no other. {@link Worker}'s methods are
     * called on that thread, or while the vCPU is paused. A worker that waits by itself has a thread even so, and gives
     * what it brings to {@link InstructionClock#input}.
     */
    public static Workers counted(InstructionClock clock) {
        return new Workers(clock);
    }

    /**
     * A worker that goes round once at the beginning, and at least once after each {@link Worker#wake()}.
     *
     * @param name for its thread and its log
     * @param work one round; never runs twice at once
     */
    public synchronized Worker worker(String name, Runnable work) {
        return add(clock == null ? new ThreadWorker(this, name, work, null)
                : new CountedWorker(this, clock, name, work));
    }

    /**
     * A worker that waits by itself and goes round without end. A round ends it by {@link Worker#close()}.
     *
     * @param name    for its thread and its log
     * @param round   waits for something to serve, once, and serves it
     * @param unblock makes the wait that is in progress, or else the next one, return at once; {@link Worker#wake()},
     *                {@link Worker#pause()} and {@link Worker#close()} call it. Any thread may run it, any lock held
     */
    public synchronized Worker waiting(String name, Runnable round, Runnable unblock) {
        return add(new ThreadWorker(this, name, round, unblock));
    }

    private Worker add(Worker worker) {
        open.add(worker);
        if (worker instanceof ThreadWorker thread) {
            thread.start(paused);
        } else if (paused) {
            worker.pause();
        }
        return worker;
    }

    synchronized void remove(Worker worker) {
        open.remove(worker);
    }

    /** Stops all workers, also those that are made later; returns when none is in a round. */
    public void pause() {
        for (Worker worker : change(true)) {
            worker.pause();
        }
    }

    /** Lets the workers go on. */
    public void resume() {
        for (Worker worker : change(false)) {
            worker.resume();
        }
    }

    /** The workers that the change concerns; none if it is no change. */
    private synchronized List<Worker> change(boolean nowPaused) {
        if (paused == nowPaused) {
            return List.of();
        }
        paused = nowPaused;
        return List.copyOf(open);
    }

    /** Closes the workers that are still open. */
    @Override
    public void close() {
        List<Worker> left;
        synchronized (this) {
            left = List.copyOf(open);
        }
        left.forEach(Worker::close);
    }

    /** Logs what should not have been thrown. */
    static void logDefect(String name, Throwable defect) {
        System.Logger log = System.getLogger("jkvm.work");
        log.log(System.Logger.Level.ERROR, name + ": a defect of jkvm: " + defect);
        log.log(System.Logger.Level.DEBUG, "thrown here", defect);
    }
}
