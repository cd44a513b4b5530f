package jkvm.bus;

/** What the user asked for cannot be done. The message is one line: what is wrong, with what, and what to do. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A mistake that has no cause but itself. */
    public ConfigurationException(String message) {
        super(message);
    }

    /** A mistake that shows in another failure, which is for developers. */
    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
