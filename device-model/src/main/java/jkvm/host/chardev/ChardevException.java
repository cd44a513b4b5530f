package jkvm.host.chardev;

import java.util.Optional;
import jkvm.host.HostException;
import jkvm.linux.LinuxException;

/** A chardev cannot be opened. */
public final class ChardevException extends HostException {
    private static final long serialVersionUID = 1L;

    /** Kinds of errors. */
    public enum Kind {
        CANNOT_OPEN("cannot open "),
        CANNOT_LISTEN("cannot listen on "),
        CANNOT_CONNECT("cannot connect to "),
        /** The host gives no new pseudo-terminal. */
        NO_PTY("no pseudo-terminal"),
        /** Another chardev of the machine has standard input and output. */
        STDIO_TAKEN("");

        private final String action;

        Kind(String action) {
            this.action = action;
        }
    }

    private final Kind kind;
    private final String label;
    private final String place;

    /** @param place the path of the file or socket, or the socket's host and port */
    ChardevException(Kind kind, String label, String place, String reason, Exception cause) {
        super(label + ": " + kind.action + place, reason, cause);
        this.kind = kind;
        this.label = label;
        this.place = place;
    }

    /** Standard input and output are taken. */
    ChardevException(String label) {
        super(label, "cannot use stdio by multiple character devices", null);
        this.kind = Kind.STDIO_TAKEN;
        this.label = label;
        this.place = null;
    }

    /** There is no pseudo-terminal. */
    ChardevException(String label, LinuxException cause) {
        super(label + ": " + Kind.NO_PTY.action, cause.getMessage(), cause);
        this.kind = Kind.NO_PTY;
        this.label = label;
        this.place = null;
    }

    public Kind kind() {
        return kind;
    }

    /** The chardev's, {@link ChardevSpec#label()}. */
    public String label() {
        return label;
    }

    /** The path of the file or socket, or the socket's host and port, if the chardev has one. */
    public Optional<String> place() {
        return Optional.ofNullable(place);
    }
}
