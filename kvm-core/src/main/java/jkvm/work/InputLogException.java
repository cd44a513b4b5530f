package jkvm.work;

import java.nio.file.Path;

/** A log of inputs cannot be opened, or is none for this machine. */
@SuppressWarnings("serial")
public final class InputLogException extends RuntimeException {
    private final Kind kind;
    private final Path path;
    private final String detail;

    /** The mistakes. */
    public enum Kind {
        /** The detail is the host's reason. */
        CANNOT_OPEN,
        /** The file does not begin as such a log does. */
        NO_LOG,
        /** The detail is the number of the line that makes no sense. */
        DAMAGED,
        /** It was recorded on another machine; the detail is the first fact that differs. */
        OTHER_MACHINE
    }

    InputLogException(Kind kind, Path path, String detail, Throwable cause) {
        super(kind + " " + path + " " + detail, cause);
        this.kind = kind;
        this.path = path;
        this.detail = detail;
    }

    public Kind kind() {
        return kind;
    }

    public Path path() {
        return path;
    }

    /** As {@link Kind} says; may be empty. */
    public String detail() {
        return detail;
    }
}
