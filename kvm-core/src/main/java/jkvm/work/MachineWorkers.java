package jkvm.work;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** The workers of one machine. */
final class MachineWorkers implements Workers {
    private static final int STATE_VERSION = 1;
    private static final int MAX_SAVED = 1 << 16;

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
    public void save(StateWriter out) {
        List<CountedWorker> counted = counted();
        out.putVersion(STATE_VERSION);
        out.putInt("count", counted.size());
        for (CountedWorker worker : counted) {
            out.putBytes("name", worker.name().getBytes(StandardCharsets.UTF_8));
            out.putLong("due", worker.deadline());
        }
    }

    @Override
    public void load(StateReader in) {
        List<CountedWorker> counted = counted();
        in.getVersion(STATE_VERSION);
        counted.forEach(worker -> worker.deadline(CountedWorker.IDLE));
        int count = in.getInt("count", 0, MAX_SAVED);
        for (int i = 0; i < count; i++) {
            String name = new String(in.getBytes("name", -1), StandardCharsets.UTF_8);
            long due = Math.max(CountedWorker.IDLE, in.getLong("due"));
            counted.stream().filter(worker -> worker.name().equals(name)).findFirst()
                    .ifPresent(worker -> worker.deadline(due));
        }
    }

    private synchronized List<CountedWorker> counted() {
        List<CountedWorker> counted = new ArrayList<>();
        for (Worker worker : open) {
            if (worker instanceof CountedWorker one) {
                counted.add(one);
            }
        }
        return counted;
    }

    @Override
    public void close() {
        List<Worker> left;
        synchronized (this) {
            left = List.copyOf(open);
        }
        left.forEach(Worker::close);
    }

    /** Logs an exception that no round should throw. */
    static void logDefect(String name, Throwable defect) {
        System.Logger log = System.getLogger("jkvm.work");
        log.log(System.Logger.Level.ERROR, name + ": a defect of jkvm: " + defect);
        log.log(System.Logger.Level.DEBUG, "thrown here", defect);
    }
}
