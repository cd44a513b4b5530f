package jkvm.control.job;

/** How a task sees its job. For the job's worker. */
public interface JobControl {
    /** What the user wants of a job that is ready. */
    enum Wish {
        /** To keep its goal up. */
        GO_ON,
        /** To end with what it was for, such as a switch to the copy. */
        COMPLETE,
        /** To end and leave the copy as it is now. */
        LEAVE
    }

    /**
     * Stops here while the user pauses the job, and as long as its limit of speed demands.
     *
     * @throws JobCancelledException if the user has cancelled it
     */
    void pausePoint() throws JobCancelledException;

    /** Says how much work there is as far as is known, in bytes where it is about disks. */
    void setTotal(long total);

    /** Says that so much of the total is done, beyond what was done before. */
    void advance(long done);

    /** As {@link #advance}, for what cost nothing: it does not count for the limit of speed. */
    void skip(long done);

    /** The goal is reached: the user may complete the job from now on. */
    void ready();

    /**
     * Waits until the user wants something of a job that is ready, at most so long; {@link #pausePoint()} included.
     *
     * @return what he wants now
     * @throws JobCancelledException if the user has cancelled it by force
     */
    Wish await(long milliseconds) throws JobCancelledException;

    /** Tells the user of an error of the host that the task goes on after, or that ends it. */
    void tellError(boolean isRead, ErrorAction action);

    /** What follows an error. */
    enum ErrorAction {
        /** The task leaves it and goes on. */
        IGNORE,
        /** The job fails. */
        REPORT,
        /** The job pauses. */
        STOP
    }
}
