package jkvm.control.migrate;

/** A migration is refused or fails. The message is a sentence for the user, in QEMU's words where QEMU has some. */
public final class MigrationException extends Exception {
    private static final long serialVersionUID = 1L;

    public MigrationException(String message) {
        super(message);
    }

    MigrationException(String message, Throwable cause) {
        super(message, cause);
    }
}
