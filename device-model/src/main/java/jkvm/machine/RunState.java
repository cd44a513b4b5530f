package jkvm.machine;

/** A machine's state as QEMU names it ({@code RunState} in QMP): more than {@link MachineState} says of a pause. */
public enum RunState {
    /** No vCPU has run since the machine was made, or since a reset while it stood. */
    PRELAUNCH("prelaunch"),
    /** The vCPUs run. */
    RUNNING("running"),
    /** The user has paused the machine. */
    PAUSED("paused"),
    /** The machine waits for the state of another one. */
    INMIGRATE("inmigrate"),
    /** The machine stands while the rest of it goes to another one. */
    FINISH_MIGRATE("finish-migrate"),
    /** Another machine goes on in the place of this one. */
    POSTMIGRATE("postmigrate"),
    /** A breakpoint or a step of the debugger has stopped the machine. */
    DEBUG("debug"),
    /** A snapshot of the machine is being taken. */
    SAVE_VM("save-vm"),
    /** The machine returns to a snapshot. */
    RESTORE_VM("restore-vm"),
    /** The guest has suspended itself to RAM. */
    SUSPENDED("suspended"),
    /** The guest has ended. */
    SHUTDOWN("shutdown"),
    /** The guest's processor cannot continue. */
    INTERNAL_ERROR("internal-error");

    private final String text;

    RunState(String text) {
        this.text = text;
    }

    /** The name in QMP. */
    public String text() {
        return text;
    }

    /** True if no vCPU runs. */
    public boolean isStopped() {
        return this != RUNNING;
    }
}
