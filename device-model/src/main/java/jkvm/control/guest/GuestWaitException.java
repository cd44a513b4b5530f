package jkvm.control.guest;

/** A guest did not do in time what a program waited for. The message ends with the guest's {@link Guest#report}. */
public final class GuestWaitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** The ends of a wait. */
    public enum Reason {
        /** The time was over. */
        TIMED_OUT,
        /** The guest ended before. */
        GUEST_ENDED,
        /** The waiting thread was interrupted; its interrupt status is set. */
        INTERRUPTED
    }

    GuestWaitException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why the wait ended. */
    public Reason reason() {
        return reason;
    }
}
