package jkvm.machine;

/**
 * Something that has happened to a machine.
 *
 * @param type  of the event
 * @param cause of a {@link Type#SHUTDOWN} or {@link Type#RESET}, null for others
 * @param device the name of the one that is gone, of a {@link Type#DEVICE_DELETED}, or whose tray has moved; null for
 *               others
 * @param isOpen true for a tray that is open now
 */
public record MachineEvent(Type type, ShutdownCause cause, String device, boolean isOpen) {

    /** Of the machine as a whole. */
    public MachineEvent(Type type, ShutdownCause cause) {
        this(type, cause, null, false);
    }

    /** QMP's names. */
    public enum Type {
        /** The machine resumes after a pause. */
        RESUME,
        /** The whole machine is paused. */
        STOP,
        /** The machine has ended, or is stopped under {@code -no-shutdown}. */
        SHUTDOWN,
        /** The machine is back in its state at power-on. */
        RESET,
        /** The power button was pressed. */
        POWERDOWN,
        /** The guest is suspended to RAM: no vCPU runs. */
        SUSPEND,
        /** The guest has written its memory to a disk; the machine powers off. */
        SUSPEND_DISK,
        /** A guest that was suspended to RAM goes on. */
        WAKEUP,
        /** The guest's kernel has crashed. */
        GUEST_PANICKED,
        /** A device is unplugged, and nothing of it is left. */
        DEVICE_DELETED,
        /** The tray of a CD-ROM drive is open, or closed, whoever has moved it. */
        DEVICE_TRAY_MOVED
    }
}
