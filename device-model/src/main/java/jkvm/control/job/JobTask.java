package jkvm.control.job;

/**
 * The work of one job. All methods are called on the job's worker, with no lock held: {@link #run}, then {@link
 * #prepare} and {@link #commit}, or {@link #abort} where one of the first two failed or the job is cancelled.
 */
@FunctionalInterface
public interface JobTask {
    /**
     * Does the work, and stops at {@link JobControl#pausePoint()} where the user wants it.
     *
     * @throws Exception to fail; its message is the job's error
     */
    void run(JobControl control) throws Exception;

    /**
     * Does the last step that may fail, after the user's leave.
     *
     * @throws Exception to fail; its message is the job's error
     */
    default void prepare() throws Exception {
        // Most have none.
    }

    /** Makes the result valid: nothing fails any more. */
    default void commit() {
        // Most have nothing left.
    }

    /** Takes back what the work has changed. */
    default void abort() {
        // Most have nothing to take back.
    }
}
