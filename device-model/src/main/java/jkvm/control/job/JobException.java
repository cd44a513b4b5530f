package jkvm.control.job;

/** A job does not take what is asked of it, or there is no such job. */
public final class JobException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JobException(String message) {
        super(message);
    }
}
