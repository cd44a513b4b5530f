package jkvm.control.job;

/** Something that happens to a job. */
public sealed interface JobEvent {
    /** The job as it is then. */
    JobFacts job();

    /** It is in another state. */
    record StatusChange(JobFacts job) implements JobEvent {
    }

    /** The user may complete it. */
    record Ready(JobFacts job) implements JobEvent {
    }

    /** It waits for the user to finalize it. */
    record Pending(JobFacts job) implements JobEvent {
    }

    /** It has ended, well or with an error. */
    record Completed(JobFacts job) implements JobEvent {
    }

    /** It has ended since the user has cancelled it. */
    record Cancelled(JobFacts job) implements JobEvent {
    }

    /** The host has failed it. */
    record Failure(JobFacts job, boolean isRead, JobControl.ErrorAction action) implements JobEvent {
    }
}
