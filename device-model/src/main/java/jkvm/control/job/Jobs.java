package jkvm.control.job;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import jkvm.work.Workers;

/**
 * The jobs of one machine. Any thread may call. Closed after the machine's run and before the machine.
 *
 * <pre>{@code
 * try (Jobs jobs = new Jobs()) {
 *     Job job = jobs.start(JobSpec.of("count", JobType.CREATE), control -> {
 *         control.setTotal(1000);
 *         for (int i = 0; i < 1000; i++) {
 *             control.pausePoint();
 *             control.advance(1);
 *         }
 *     });
 *     job.awaitEnd();
 *     job.dismiss();
 * }
 * }</pre>
 */
public final class Jobs implements AutoCloseable {
    private static final Pattern ID = Pattern.compile("[A-Za-z][-._A-Za-z0-9]*");

    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private final List<Consumer<JobEvent>> listeners = new CopyOnWriteArrayList<>();
    /** Null before the first job. Guarded by this, as the map and the next field. */
    private Workers workers;
    private boolean isClosed;

    /** @param listener hears each event in order, on the thread that causes it; must not wait, nor call a job */
    public void addListener(Consumer<JobEvent> listener) {
        listeners.add(listener);
    }

    /**
     * Starts a job.
     *
     * @return in the state {@link JobStatus#RUNNING}
     * @throws JobException if the name is none, or another job has it
     */
    public Job start(JobSpec spec, JobTask task) {
        Job job;
        synchronized (this) {
            check(spec.id());
            if (workers == null) {
                workers = Workers.onThreads();
            }
            job = new Job(this, spec, task);
            jobs.put(spec.id(), job);
        }
        job.begin(workers);
        return job;
    }

    /**
     * Refuses a name for a new job.
     *
     * @throws JobException if it is none, or another job has it
     */
    public synchronized void check(String id) {
        if (isClosed) {
            throw new JobException("the machine has ended");
        }
        if (!ID.matcher(id).matches()) {
            throw new JobException("Invalid job ID '" + id + "'");
        }
        if (jobs.containsKey(id)) {
            throw new JobException("Job ID '" + id + "' already in use");
        }
    }

    /** The job of this name that is not dismissed; empty if there is none. */
    public synchronized Optional<Job> find(String id) {
        return Optional.ofNullable(jobs.get(id));
    }

    /** Those that are not dismissed, the oldest first. */
    public synchronized List<Job> all() {
        return new ArrayList<>(jobs.values());
    }

    synchronized void forget(Job job) {
        jobs.remove(job.id());
    }

    void tell(JobEvent event) {
        listeners.forEach(listener -> listener.accept(event));
    }

    /** Cancels all by force, and returns when they have ended. */
    @Override
    public void close() {
        synchronized (this) {
            isClosed = true;
        }
        List<Job> left = all();
        left.forEach(Job::giveUp);
        left.forEach(Job::awaitEnd);
        Workers used;
        synchronized (this) {
            used = workers;
        }
        if (used != null) {
            used.close();
        }
    }
}
