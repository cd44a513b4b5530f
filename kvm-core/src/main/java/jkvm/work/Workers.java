package jkvm.work;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

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
public interface Workers extends AutoCloseable {

    /** Each worker has a daemon thread of its own. */
    static Workers onThreads() {
        return new MachineWorkers(null);
    }

    /**
     * For a machine whose time is counted in instructions. Work is done on the vCPU's thread, a fixed time after the
     * wake: what it changes becomes visible to the guest at that count and at no other. {@link Worker}'s methods are
     * called on that thread, or while the vCPU is paused. A worker that waits by itself has a thread even so, and gives
     * what it brings to {@link InstructionClock#input}.
     */
    static Workers counted(InstructionClock clock) {
        return new MachineWorkers(clock);
    }

    /**
     * A worker that goes round once at the beginning, and at least once after each {@link Worker#wake()}.
     *
     * @param name for its thread and its log
     * @param work one round; never runs twice at once
     */
    Worker worker(String name, Runnable work);

    /**
     * A worker that waits by itself and goes round without end. A round ends it by {@link Worker#close()}.
     *
     * @param name    for its thread and its log
     * @param round   waits for something to serve, once, and serves it
     * @param unblock makes the wait that is in progress, or else the next one, return at once; {@link Worker#wake()},
     *                {@link Worker#pause()} and {@link Worker#close()} call it. Any thread may run it, with any lock
     *                held
     */
    Worker waiting(String name, Runnable round, Runnable unblock);

    /**
     * As {@link #waiting(String, Runnable, Runnable)}, with the wait for the host apart: a pause does not wait for its
     * end, and what it has brought is served after the pause. Its owner ends it before {@link Worker#close()}.
     *
     * @param name    for its thread and its log
     * @param wait    waits for the host and touches nothing of the machine; returns at once while something is to serve
     * @param serve   serves what the wait has brought
     * @param unblock as there, for waits in {@code serve}
     */
    default Worker waiting(String name, Runnable wait, Runnable serve, Runnable unblock) {
        return waiting(name, () -> {
            wait.run();
            serve.run();
        }, unblock);
    }

    /** The clock whose instructions are counted; null where each worker has a thread. */
    InstructionClock clock();

    /**
     * Writes when each worker is due, where that is at a count of instructions. They are paused.
     *
     * @param out gets nothing of workers with threads: these are woken by what they work for
     */
    void save(StateWriter out);

    /**
     * Lets each worker be due when one of the same name was when the state was saved, instead of when it was woken
     * since. One that was not there then is not due: it was made, and woken, later. They are paused.
     */
    void load(StateReader in);

    /** Stops all workers, also those that are made later; returns when none is in a round. */
    void pause();

    /** Lets the workers go on. */
    void resume();

    /** Closes the workers that are still open. */
    @Override
    void close();
}
