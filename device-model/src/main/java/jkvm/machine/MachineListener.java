package jkvm.machine;

/** Hears what happens to a machine. */
@FunctionalInterface
public interface MachineListener {

    /**
     * Called on the machine's thread, in the order of events, after each. Returns soon, and does not
     * wait for what one of the {@link Machine}'s methods returns. What it throws is logged, and the machine goes on.
     */
    void happened(MachineEvent event);

    /** The machine's state has changed, before the event that tells why. As {@link #happened}. */
    default void changed(MachineState before, MachineState now) {
    }
}
