package jkvm.app;

import jkvm.machine.Machine;

/** The user's wish to quit, which may come before there is a machine. Any thread may call. */
final class QuitSwitch implements Runnable {
    private Machine machine;
    private boolean wanted;

    @Override
    public synchronized void run() {
        wanted = true;
        if (machine != null) {
            machine.quit();
        }
    }

    synchronized void connect(Machine newMachine) {
        machine = newMachine;
        if (wanted) {
            machine.quit();
        }
    }

    synchronized boolean hasMachine() {
        return machine != null;
    }
}
