package jkvm.control.job;

import java.util.EnumSet;
import java.util.Set;

/** QEMU's states of a job, and the changes between them. */
public enum JobStatus {
    /** It has not begun. */
    CREATED("created"),
    /** It works. */
    RUNNING("running"),
    /** The user has paused it. */
    PAUSED("paused"),
    /** Its goal is reached; it keeps it up until the user completes or cancels it. */
    READY("ready"),
    /** Paused while {@link #READY}. */
    STANDBY("standby"),
    /** Its work is done, and it waits for the jobs that conclude together with it. */
    WAITING("waiting"),
    /** Only the last step is left, which the user may ask for himself. */
    PENDING("pending"),
    /** It has failed, or is cancelled, and cleans up. */
    ABORTING("aborting"),
    /** It has ended; the user may ask for its outcome. */
    CONCLUDED("concluded"),
    /** It is forgotten. */
    NULL("null");

    private final String text;

    JobStatus(String text) {
        this.text = text;
    }

    /** The name in QMP. */
    public String text() {
        return text;
    }

    private Set<JobStatus> next() {
        return switch (this) {
            case CREATED -> EnumSet.of(RUNNING, ABORTING, NULL);
            case RUNNING -> EnumSet.of(PAUSED, READY, WAITING, ABORTING);
            case PAUSED -> EnumSet.of(RUNNING);
            case READY -> EnumSet.of(STANDBY, WAITING, ABORTING);
            case STANDBY -> EnumSet.of(READY);
            case WAITING -> EnumSet.of(PENDING, ABORTING);
            case PENDING -> EnumSet.of(ABORTING, CONCLUDED);
            case ABORTING -> EnumSet.of(CONCLUDED);
            case CONCLUDED -> EnumSet.of(NULL);
            case NULL -> EnumSet.noneOf(JobStatus.class);
        };
    }

    /** True if a job may change from this state into the other one. */
    boolean mayBecome(JobStatus other) {
        return next().contains(other);
    }

    /** True until the work is done or given up. */
    boolean isAtWork() {
        return ordinal() <= STANDBY.ordinal();
    }
}
