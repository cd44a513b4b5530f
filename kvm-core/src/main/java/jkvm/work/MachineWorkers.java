package jkvm.work;

import java.util.ArrayList;
import java.util.List;

/** The workers of one machine. */
final class MachineWorkers implements Workers {
    /** Null where each worker has a thread. */
    private final InstructionClock clock;
    /** Those that are not closed. Guarded by this, as the next field. */
    private final List<Worker> open = new ArrayList<>();
    private boolean paused;

    MachineWorkers(InstructionClock clock) {
        this.clock = clock;
    }

    @Override
    public synchronized Worker worker(String name, Runnable work) {
        return add(clock == null ? new ThreadWorker(this, name, null, work, null)
                : new CountedWorker(this, clock, name, work));
    }

    @Override
    public Worker waiting(String name, Runnable round, Runnable unblock) {
        return waiting(name, null, round, unblock);
    }

    @Override
    public synchronized Worker waiting(String name, Runnable wait, Runnable serve, Runnable unblock) {
        return add(new ThreadWorker(this, name, wait, serve, unblock));
    }

    @Override
    public InstructionClock clock() {
        return clock;
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

    @Override
    public void pause() {
        for (Worker worker : change(true)) {
            worker.pause();
        }
    }

    @Override
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
