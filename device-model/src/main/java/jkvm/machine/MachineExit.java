package jkvm.machine;

/**
 * How a machine ended.
 *
 * @param status the process's exit code
 * @param report for the user, several lines; empty where the guest ended in good order
 */
public record MachineExit(int status, String report) {
    static final MachineExit SUCCESS = new MachineExit(0, "");
}
