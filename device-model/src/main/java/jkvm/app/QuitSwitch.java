package jkvm.app;

import jkvm.machine.Machine;
import jkvm.machine.ShutdownCause;

/** The user's wish to quit, which may come before there is a machine. Any thread may call. */
final class QuitSwitch {
    private Machine machine;
    /** Null while nobody wants to. */
    private ShutdownCause wanted;

    synchronized void quit(ShutdownCause cause) {
        wanted = cause;
        if (machine != null) {
            machine.quit(cause);
        }
    }

    synchronized void connect(Machine newMachine) {
        machine = newMachine;
        if (wanted != null) {
            machine.quit(wanted);
        }
    }

    synchronized boolean hasMachine() {
        return machine != null;
    }
}
