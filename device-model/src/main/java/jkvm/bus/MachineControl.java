package jkvm.bus;

/**
 * Requests that a device may make to its machine. Any thread may call, a device's lock held; each method returns at
 * once and the machine acts when the guest's current access is complete. The first request wins until the machine has
 * acted on it.
 */
public interface MachineControl {

    /** The guest asked for a reset. Under {@code -no-reboot} the machine ends instead. */
    void requestReset();

    /** The guest asked to be powered off. */
    void requestPowerOff();

    /** The guest has written its memory to a disk, and asked to be powered off. */
    void requestSuspendToDisk();

    /** The guest asked to be suspended to RAM: no vCPU runs until {@link #requestWakeUp}. */
    void requestSuspend();

    /** Something has happened that wakes a machine that is suspended, or about to be; any other ignores it. */
    void requestWakeUp();

    /** The process ends with this status, as isa-debug-exit asks. */
    void requestExit(int status);
}
