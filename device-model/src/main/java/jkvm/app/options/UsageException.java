package jkvm.app.options;

/**
 * A command line is wrong, or a command cannot do what it asks. The message is one line in the command line's words:
 * what is wrong, with what, and what to do. Below {@code jkvm.app} errors have types of their own, which
 * {@link ErrorText} words.
 */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A mistake that has no cause but itself. */
    public UsageException(String message) {
        super(message);
    }

    /** A mistake that shows in another failure, which is for developers. */
    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
