package jkvm.machine;

/** Why a machine is reset or shut down, as QEMU's {@code ShutdownCause} names it. */
public enum ShutdownCause {
    /** The guest's processor or jkvm cannot continue. */
    HOST_ERROR("host-error"),
    /** The {@code quit} command of a monitor or of a program. */
    HOST_QMP_QUIT("host-qmp-quit"),
    /** The {@code system_reset} command. */
    HOST_QMP_SYSTEM_RESET("host-qmp-system-reset"),
    /** SIGINT, SIGTERM or SIGHUP. */
    HOST_SIGNAL("host-signal"),
    /** A key or a window's close button. */
    HOST_UI("host-ui"),
    /** The guest powers off, or ends the process through a test device. */
    GUEST_SHUTDOWN("guest-shutdown"),
    /** The guest resets itself, a triple fault included. */
    GUEST_RESET("guest-reset"),
    /** The guest reports that it has crashed. */
    GUEST_PANIC("guest-panic");

    private final String text;

    ShutdownCause(String text) {
        this.text = text;
    }

    /** The name in QMP. */
    public String text() {
        return text;
    }

    /** True if the guest wanted it. */
    public boolean isGuest() {
        return this == GUEST_SHUTDOWN || this == GUEST_RESET || this == GUEST_PANIC;
    }
}
