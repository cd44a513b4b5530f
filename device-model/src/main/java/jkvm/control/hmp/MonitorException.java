package jkvm.control.hmp;

/** A command cannot be carried out; the message is what the user reads. */
final class MonitorException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final String PREFIX = "Error: ";

    MonitorException(String message) {
        super(message, null, false, false);
    }

    /** A command that was understood and that the machine refuses: QEMU begins these lines with a word. */
    static MonitorException refused(String reason) {
        return new MonitorException(PREFIX + reason);
    }
}
