package jkvm.control.job;

import java.util.Optional;

/**
 * A job at one moment.
 *
 * @param done     of the total
 * @param total    work as far as it is known, in bytes where it is about disks
 * @param isPaused true if the user has paused it
 * @param isBusy   true if it neither waits nor has ended
 * @param speed    bytes a second at most; 0 for no limit
 * @param error    why it has failed
 */
public record JobFacts(JobSpec spec, JobStatus status, long done, long total, boolean isPaused, boolean isBusy,
        long speed, Optional<String> error) {

    /** The job's name. */
    public String id() {
        return spec.id();
    }

    /** The job's kind. */
    public JobType type() {
        return spec.type();
    }

    /** True if the user may complete it. */
    public boolean isReady() {
        return status == JobStatus.READY || status == JobStatus.STANDBY;
    }
}
