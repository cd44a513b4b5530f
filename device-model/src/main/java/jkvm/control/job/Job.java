package jkvm.control.job;

import java.util.Optional;
import java.util.function.Function;
import jkvm.work.Threads;
import jkvm.work.Workers;

/**
 * One job from its start to its dismissal. Any thread may call; a verb that its state does not take is a
 * {@link JobException} with QEMU's text.
 *
 * <p>Lock: this object's, around its state and while events are told, so that these come in order. No method of the
 * task is called with it held.
 */
public final class Job {
    private final Jobs jobs;
    private final JobSpec spec;
    private final JobRun run;
    private JobStatus status = JobStatus.CREATED;
    private boolean isPaused;
    private boolean isCancelled;
    private boolean isFinalized;
    private JobControl.Wish wish = JobControl.Wish.GO_ON;
    private String error;

    Job(Jobs jobs, JobSpec spec, JobTask task) {
        this.jobs = jobs;
        this.spec = spec;
        run = new JobRun(this, task, spec.speed());
    }

    /** Its name. */
    public String id() {
        return spec.id();
    }

    JobSpec spec() {
        return spec;
    }

    /** The job as it is now. */
    public synchronized JobFacts facts() {
        return new JobFacts(spec, status, run.done(), run.total(), isPaused,
                status == JobStatus.RUNNING && !run.isWaiting(), run.speed(), Optional.ofNullable(error));
    }

    synchronized void begin(Workers workers) {
        jobs.tell(new JobEvent.StatusChange(facts()));
        become(JobStatus.RUNNING);
        run.begin(workers);
    }

    /** With the lock held. */
    void become(JobStatus next) {
        if (!status.mayBecome(next)) {
            throw new IllegalStateException("job " + id() + " is " + status.text() + ", and becomes " + next.text());
        }
        status = next;
        tell(JobEvent.StatusChange::new);
        notifyAll();
    }

    /** With the lock held. */
    void tell(Function<JobFacts, JobEvent> event) {
        jobs.tell(event.apply(facts()));
    }

    /** With the lock held, as the getters below. */
    void fail(String why) {
        error = error == null ? why : error;
    }

    JobStatus status() {
        return status;
    }

    boolean isPauseWanted() {
        return isPaused;
    }

    boolean isCancelled() {
        return isCancelled;
    }

    boolean isFinalized() {
        return isFinalized;
    }

    JobControl.Wish wish() {
        return wish;
    }

    /** The task has paused the job after an error. */
    void pauseByTask() {
        isPaused = true;
    }

    private void require(JobVerb verb) {
        if (!verb.isFor(status)) {
            throw new JobException("Job '%s' in state '%s' cannot accept command verb '%s'".formatted(id(),
                    status.text(), verb.text()));
        }
    }

    /** Pauses it at its next {@link JobControl#pausePoint()}. */
    public synchronized void pause() {
        require(JobVerb.PAUSE);
        if (isPaused) {
            throw new JobException("Job is already paused");
        }
        isPaused = true;
        notifyAll();
    }

    /** Lets it go on. */
    public synchronized void resume() {
        require(JobVerb.RESUME);
        if (!isPaused) {
            throw new JobException("Can't resume a job that was not paused");
        }
        isPaused = false;
        notifyAll();
    }

    /** @param limit bytes a second at most; 0 for none */
    public synchronized void limit(long limit) {
        require(JobVerb.SET_SPEED);
        if (limit < 0) {
            throw new JobException("Parameter 'speed' expects a non-negative value");
        }
        run.limit(limit);
        notifyAll();
    }

    /** Ends a job that is ready with what it was for. */
    public synchronized void complete() {
        require(JobVerb.COMPLETE);
        if (wish == JobControl.Wish.GO_ON) {
            wish = JobControl.Wish.COMPLETE;
        }
        notifyAll();
    }

    /**
     * Ends it.
     *
     * @param isForced false to let a job that is ready end well, with the copy as it is now
     */
    public synchronized void cancel(boolean isForced) {
        require(JobVerb.CANCEL);
        if (!isForced && facts().isReady()) {
            wish = JobControl.Wish.LEAVE;
        } else {
            isCancelled = true;
        }
        // A paused job ends too.
        isPaused = false;
        notifyAll();
    }

    /** Cancels it by force where its state allows that. */
    synchronized void giveUp() {
        if (JobVerb.CANCEL.isFor(status)) {
            cancel(true);
        }
    }

    /** Lets it do the last step, and returns when it has. */
    public void conclude() {
        synchronized (this) {
            require(JobVerb.FINALIZE);
            isFinalized = true;
            notifyAll();
        }
        awaitEnd();
    }

    /** Forgets it. */
    public synchronized void dismiss() {
        require(JobVerb.DISMISS);
        forget();
    }

    /** With the lock held. */
    void forget() {
        jobs.forget(this);
        become(JobStatus.NULL);
    }

    /** Returns when it has ended. Not called in the job itself. */
    public synchronized void awaitEnd() {
        Threads.waitWhile(this, () -> status != JobStatus.CONCLUDED && status != JobStatus.NULL);
    }
}
