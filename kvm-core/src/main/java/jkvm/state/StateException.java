package jkvm.state;

/** A saved state is truncated, damaged, or of another kind of machine. */
public final class StateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StateException(String message) {
        super(message);
    }
}
