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

    /**
     * A triple fault, which resets a PC.
     *
     * @param report on the machine's first one, empty on later ones
     */
    record TripleFault(String report) implements MachineEvent {
    }

    /** The guest's processor cannot go on. */
    record Failure(String report) implements MachineEvent {
    }
}
