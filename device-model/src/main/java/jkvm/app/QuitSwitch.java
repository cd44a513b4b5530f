package jkvm.app;

import jkvm.machine.Machine;
import jkvm.machine.ShutdownCause;

/** The user's wish to quit, which may come before there is a machine. Any thread may call. */
final class QuitSwitch {
    private Machine machine;
    private Runnable hurry = () -> { };
    /** Null while nobody wants to. */
    private ShutdownCause wanted;

    synchronized void quit(ShutdownCause cause) {
        wanted = cause;
        if (cause == ShutdownCause.HOST_SIGNAL) {
            hurry.run();
        }
        if (machine != null) {
            machine.quit(cause);
        }
    }

    /** @param newHurry called for a signal: the process is to end soon */
    synchronized void connect(Machine newMachine, Runnable newHurry) {
        machine = newMachine;
        hurry = newHurry;
        if (wanted != null) {
            machine.quit(wanted);
        }
    }

    synchronized boolean hasMachine() {
        return machine != null;
    }
}
