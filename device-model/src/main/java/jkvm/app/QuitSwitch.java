package jkvm.app;

import java.util.ArrayList;
import java.util.List;
import jkvm.machine.Machine;
import jkvm.machine.ShutdownCause;

/** The user's wish to quit all machines of the process, which may come before there is one. Any thread may call. */
final class QuitSwitch {
    private final List<Machine> machines = new ArrayList<>();
    private Runnable hurry = () -> { };
    /** Null while nobody wants to. */
    private ShutdownCause wanted;

    synchronized void quit(ShutdownCause cause) {
        wanted = cause;
        if (cause == ShutdownCause.HOST_SIGNAL) {
            hurry.run();
        }
        machines.forEach(machine -> machine.quit(cause));
    }

    /**
     * Adds a machine.
     *
     * @param newHurry called for a signal: the process is to end soon
     */
    synchronized void connect(Machine newMachine, Runnable newHurry) {
        machines.add(newMachine);
        hurry = newHurry;
        if (wanted != null) {
            newMachine.quit(wanted);
        }
    }

    /** True once somebody wants to. */
    synchronized boolean isWanted() {
        return wanted != null;
    }

    synchronized boolean hasMachine() {
        return !machines.isEmpty();
    }
}
