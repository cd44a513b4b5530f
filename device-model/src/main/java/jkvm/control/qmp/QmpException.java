package jkvm.control.qmp;

/** A command is refused or fails; the client gets the class and the message. */
final class QmpException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The classes of errors that QMP has left: clients look at the text of the first one. */
    enum Kind {
        /** All that has no class of its own. */
        GENERIC("GenericError"),
        /** There is no such command, or not now. */
        COMMAND_NOT_FOUND("CommandNotFound"),
        /** There is no device of that name. */
        DEVICE_NOT_FOUND("DeviceNotFound"),
        /** The thing is there, and not in use. */
        DEVICE_NOT_ACTIVE("DeviceNotActive");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** The name in QMP. */
        String text() {
            return text;
        }
    }

    private final Kind kind;

    QmpException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** A {@link Kind#GENERIC} error. */
    QmpException(String message) {
        this(Kind.GENERIC, message);
    }

    static QmpException deviceNotFound(String name) {
        return new QmpException(Kind.DEVICE_NOT_FOUND, "Device '" + name + "' not found");
    }

    Kind kind() {
        return kind;
    }
}
