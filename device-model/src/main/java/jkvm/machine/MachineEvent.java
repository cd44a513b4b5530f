package jkvm.machine;

/**
 * Something that has happened to a machine.
 *
 * @param type  of the event
 * @param cause of a {@link Type#SHUTDOWN} or {@link Type#RESET}, null for others
 */
public record MachineEvent(Type type, ShutdownCause cause) {

    /** QMP's names. */
    public enum Type {
        /** The machine goes on after a pause. */
        RESUME,
        /** All of the machine stands. */
        STOP,
        /** The machine has ended, or stands under {@code -no-shutdown}. */
        SHUTDOWN,
        /** The machine is back in its state at power-on. */
        RESET,
        /** The power button was pressed. */
        POWERDOWN,
        /** The guest's kernel has crashed. */
        GUEST_PANICKED
    }
}
