package jkvm.boot;

/** A boot file or its options cannot be used. The message is one line: which file, what is wrong, what to do. */
public final class BootException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BootException(String message) {
        super(message);
    }

    public BootException(String message, Throwable cause) {
        super(message, cause);
    }
}
