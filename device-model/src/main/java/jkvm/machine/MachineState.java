package jkvm.machine;

/**
 * Where a machine is in its life. The changes that there are:
 *
 * <pre>
 * CREATED  -> RUNNING    run() starts the vCPUs
 * CREATED  -> PAUSED     pause() before that
 * RUNNING  -> PAUSED     pause()
 * PAUSED   -> RUNNING    resume()
 * CREATED, RUNNING, PAUSED -> SUSPENDED   the guest suspends itself to RAM; in the state that was loaded it had
 * SUSPENDED -> RUNNING   an alarm, a key or the user wakes it
 * SUSPENDED -> PAUSED    reset()
 * CREATED, RUNNING, PAUSED, SUSPENDED -> SHUT_DOWN   the guest powers off, the user quits
 * SHUT_DOWN -> PAUSED    reset(), where -no-shutdown keeps the machine after a power-off
 * RUNNING, PAUSED, SUSPENDED -> FAILED    the guest's processor cannot continue
 * CREATED  -> FAILED     the state of another machine does not come
 * </pre>
 */
public enum MachineState {
    /** Whole, and no vCPU has run. */
    CREATED,
    /** The vCPUs run, or do as soon as the machine has acted on a request. */
    RUNNING,
    /** vCPUs, workers, timers and clocks are stopped until {@link Machine#resume()}. */
    PAUSED,
    /** The vCPUs are stopped until something wakes the guest; all other parts go on. */
    SUSPENDED,
    /** The guest has ended; under {@code -no-shutdown} the machine is stopped, else it has ended too. */
    SHUT_DOWN,
    /** The guest's processor cannot continue; the machine has ended. */
    FAILED;

    boolean mayBecome(MachineState next) {
        if (this == FAILED || next == CREATED || next == this) {
            return false;
        }
        if (this == SHUT_DOWN) {
            return next == PAUSED;
        }
        return true;
    }
}
