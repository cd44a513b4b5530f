package jkvm.host.net;

import jkvm.host.HostException;

/** A network's host side cannot be opened. */
public final class NetworkException extends HostException {
    private static final long serialVersionUID = 1L;

    /** Kinds of errors, and the {@link #subject()} of each. */
    public enum Kind {
        /** The kernel refuses the tap interface; its name, empty for a new one. */
        NO_TAP,
        /** Time is counted in instructions, but frames come at any time; the tap interface's name. */
        TAP_WITH_COUNTED_TIME,
        /** Address and port. */
        CANNOT_LISTEN,
        /** Address and port. */
        CANNOT_CONNECT,
        /** The id of the capture whose file cannot be written. */
        CANNOT_CAPTURE
    }

    private final Kind kind;
    private final String subject;

    /**
     * @param action what failed, with its subject
     * @param reason why
     * @param cause  null if there is none
     */
    public NetworkException(Kind kind, String subject, String action, String reason, Exception cause) {
        super(action, reason, cause);
        this.kind = kind;
        this.subject = subject;
    }

    public Kind kind() {
        return kind;
    }

    /** The interface, address or id that it is about. */
    public String subject() {
        return subject;
    }
}
