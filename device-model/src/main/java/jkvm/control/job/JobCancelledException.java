package jkvm.control.job;

/** Ends the work of a job that the user has cancelled. */
public final class JobCancelledException extends Exception {
    private static final long serialVersionUID = 1L;

    JobCancelledException() {
        super("Operation canceled");
    }
}
