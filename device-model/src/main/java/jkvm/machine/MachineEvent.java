package jkvm.machine;

/** What the thread that runs the machine has to act on. */
sealed interface MachineEvent {

    /** The guest asked for a reset. */
    record Reset() implements MachineEvent {
    }

    /** The guest asked to be powered off. */
    record PowerOff() implements MachineEvent {
    }

    /** The guest ended the process through a test device. */
    record Exit(int status) implements MachineEvent {
    }

    /** The user ended the machine. */
    record Quit() implements MachineEvent {
    }

    /** The guest's processor cannot go on. @param tripleFault true for a shutdown, which QEMU counts as a reset */
    record Failure(String report, boolean tripleFault) implements MachineEvent {
    }
}
