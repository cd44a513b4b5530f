package jkvm.machine;

import java.util.concurrent.CompletableFuture;

/** A request to the thread that runs the machine. */
sealed interface MachineRequest {

    /** True if the vCPUs are paused from the request until the machine has acted on it. */
    default boolean pauses() {
        return true;
    }

    /** The guest asked for a reset. */
    record Reset() implements MachineRequest {
    }

    /**
     * The guest asked to be powered off.
     *
     * @param isOnDisk if it has written its memory there before
     */
    record PowerOff(boolean isOnDisk) implements MachineRequest {
    }

    /** The guest asked to be suspended to RAM. */
    record Suspend() implements MachineRequest {
    }

    /** The guest ended the process through a test device. */
    record Exit(int status) implements MachineRequest {
    }

    /** The user ends the machine. */
    record Quit(ShutdownCause cause) implements MachineRequest {
    }

    /**
     * A triple fault, which resets a PC.
     *
     * @param report on the machine's first one, empty on later ones
     */
    record TripleFault(String report) implements MachineRequest {
    }

    /**
     * The guest's processor cannot continue.
     *
     * @param isPanic if the guest itself says so
     */
    record Failure(String report, boolean isPanic) implements MachineRequest {
    }

    /**
     * A front end's wish.
     *
     * @param pauses as {@link #pauses()}
     * @param action done on the machine's thread
     * @param result completes when that is done, and the vCPUs run again if they are to
     */
    record Command(boolean pauses, Action action, CompletableFuture<Void> result) implements MachineRequest {
    }

    /** The action of a command. */
    interface Action {

        /** @return how the machine ended, null if it goes on */
        MachineExit run();
    }
}
