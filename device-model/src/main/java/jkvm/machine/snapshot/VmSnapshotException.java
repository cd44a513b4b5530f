package jkvm.machine.snapshot;

/**
 * A snapshot of a machine in its disks cannot be taken, loaded or deleted; the machine and its disks are as they were.
 * The message is one line, QEMU's where QEMU has one.
 */
public final class VmSnapshotException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Kind {
        /** The machine has no writable disk. */
        NO_DISK,
        /** There is no disk of this name. */
        UNKNOWN_DISK,
        /** A writable disk of this name keeps no snapshots. */
        UNSUPPORTED_DISK,
        /** There is a snapshot of this name. */
        EXISTS,
        /** A disk lacks the snapshot of this name. */
        NOT_FOUND,
        /** The snapshot of this name has no machine's state. */
        DISK_ONLY,
        /** A job copies the disk of this name. */
        BUSY_DISK,
        /** The name is none. */
        INVALID_NAME,
        /** The machine's inputs are recorded, or come from a recording; or it has reset points. */
        RECORDING,
        /** The host has failed with the disk of this name. */
        HOST
    }

    private final Kind kind;
    private final String subject;

    /**
     * A refusal.
     *
     * @param subject the name that it is about; empty for none
     * @param message one line
     */
    public VmSnapshotException(Kind kind, String subject, String message) {
        super(message);
        this.kind = kind;
        this.subject = subject;
    }

    /** The kind of refusal. */
    public Kind kind() {
        return kind;
    }

    /** The name that it is about; empty for none. */
    public String subject() {
        return subject;
    }
}
