package jkvm.machine.config;

/**
 * A device or a host side cannot be added to a machine that exists, or not be removed from it. The message is one line,
 * QEMU's where QEMU has one.
 */
public final class HotplugException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Kind {
        /** There is none of this name: QMP's class DeviceNotFound for devices and networks. */
        NOT_FOUND,
        /** Another one has the name. */
        DUPLICATE,
        /** A device has the host side, or the place. */
        IN_USE,
        /** It is not written as it has to be. */
        INVALID,
        /** It stays as long as the machine, or the machine has no bus for it. */
        FIXED
    }

    private final Kind kind;
    private final String subject;

    /**
     * A refusal.
     *
     * @param subject the name that it is about
     * @param message one line
     */
    public HotplugException(Kind kind, String subject, String message) {
        super(message);
        this.kind = kind;
        this.subject = subject;
    }

    /** The kind of mistake. */
    public Kind kind() {
        return kind;
    }

    /** The name that it is about. */
    public String subject() {
        return subject;
    }
}
