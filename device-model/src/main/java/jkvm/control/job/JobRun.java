package jkvm.control.job;

import java.util.concurrent.TimeUnit;
import jkvm.work.Threads;
import jkvm.work.Worker;
import jkvm.work.Workers;

/** A job as its worker sees it: carries out the task and the steps after it. Its fields are guarded by the job. */
final class JobRun implements JobControl {
    private static final String CANCELLED = "Operation canceled";

    private final Job job;
    private final JobTask task;
    private Worker worker;
    private long done;
    private long total;
    private long speed;
    /** When the limit of speed allows more work. */
    private long nextNanos = System.nanoTime();
    private boolean isWaiting;

    JobRun(Job job, JobTask task, long speed) {
        this.job = job;
        this.task = task;
        this.speed = speed;
    }

    long done() {
        return done;
    }

    long total() {
        return total;
    }

    long speed() {
        return speed;
    }

    boolean isWaiting() {
        return isWaiting;
    }

    void limit(long limit) {
        speed = limit;
        nextNanos = System.nanoTime();
    }

    /** With the job's lock held. */
    void begin(Workers workers) {
        worker = workers.worker("job " + job.id(), this::work);
    }

    /** The worker's one round. */
    private void work() {
        try {
            task.run(this);
        } catch (Exception | Error e) {
            noteFailure(e);
        }
        conclude(isToBeKept() && isPrepared());
        worker.close();
    }

    private void noteFailure(Throwable e) {
        synchronized (job) {
            job.fail(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    /** Waits for the user's leave to do the last step, unless the work failed. @return false if it did */
    private boolean isToBeKept() {
        synchronized (job) {
            if (hasFailed()) {
                return false;
            }
            job.become(JobStatus.WAITING);
            job.become(JobStatus.PENDING);
            if (!job.spec().finalizesByItself()) {
                job.tell(JobEvent.Pending::new);
                Threads.waitWhile(job, () -> !job.isFinalized() && !job.isCancelled());
            }
            return !hasFailed();
        }
    }

    private boolean isPrepared() {
        try {
            task.prepare();
            return true;
        } catch (Exception e) {
            noteFailure(e);
            return false;
        }
    }

    private boolean hasFailed() {
        if (job.isCancelled()) {
            job.fail(CANCELLED);
        }
        return job.facts().error().isPresent();
    }

    private void conclude(boolean isKept) {
        if (isKept) {
            task.commit();
        } else {
            synchronized (job) {
                job.become(JobStatus.ABORTING);
            }
            task.abort();
        }
        synchronized (job) {
            job.tell(!isKept && job.isCancelled() ? JobEvent.Cancelled::new : JobEvent.Completed::new);
            job.become(JobStatus.CONCLUDED);
            if (job.spec().dismissesByItself()) {
                job.forget();
            }
        }
    }

    @Override
    public void pausePoint() throws JobCancelledException {
        synchronized (job) {
            while (!job.isCancelled() && (job.isPauseWanted() || remainingMillis() > 0)) {
                if (job.isPauseWanted()) {
                    pauseWhileWanted();
                } else {
                    waitUntilTold(remainingMillis());
                }
            }
            if (job.isCancelled()) {
                throw new JobCancelledException();
            }
        }
    }

    private void pauseWhileWanted() {
        JobStatus before = job.status();
        job.become(before == JobStatus.READY ? JobStatus.STANDBY : JobStatus.PAUSED);
        while (job.isPauseWanted()) {
            waitUntilTold(0);
        }
        job.become(before);
    }

    private long remainingMillis() {
        return speed == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(nextNanos - System.nanoTime());
    }

    /** @param milliseconds 0 for no limit */
    private void waitUntilTold(long milliseconds) {
        isWaiting = true;
        try {
            job.wait(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a job's worker", e);
        } finally {
            isWaiting = false;
        }
    }

    @Override
    public void setTotal(long amount) {
        synchronized (job) {
            total = amount;
        }
    }

    @Override
    public void skip(long amount) {
        synchronized (job) {
            done += amount;
            total = Math.max(total, done);
        }
    }

    @Override
    public void advance(long amount) {
        synchronized (job) {
            skip(amount);
            if (speed > 0) {
                double seconds = (double) amount / speed;
                nextNanos = Math.max(nextNanos, System.nanoTime()) + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
            }
        }
    }

    @Override
    public void ready() {
        synchronized (job) {
            job.become(JobStatus.READY);
            job.tell(JobEvent.Ready::new);
        }
    }

    @Override
    public Wish await(long milliseconds) throws JobCancelledException {
        pausePoint();
        synchronized (job) {
            if (job.wish() == Wish.GO_ON && milliseconds > 0) {
                waitUntilTold(milliseconds);
            }
        }
        pausePoint();
        synchronized (job) {
            return job.wish();
        }
    }

    @Override
    public void tellError(boolean isRead, ErrorAction action) {
        synchronized (job) {
            job.tell(facts -> new JobEvent.Failure(facts, isRead, action));
            if (action == ErrorAction.STOP) {
                job.pauseByTask();
            }
        }
    }
}
