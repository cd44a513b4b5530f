package jkvm.machine.board;

import jkvm.bus.IrqLine;

/** An interrupt line that can be disconnected, and shows its device's level again once it is connected. */
final class SwitchedIrqLine implements IrqLine {
    private final IrqLine target;
    private boolean isConnected = true;
    private boolean level;

    SwitchedIrqLine(IrqLine target) {
        this.target = target;
    }

    @Override
    public synchronized void set(boolean newLevel) {
        level = newLevel;
        target.set(isConnected && level);
    }

    synchronized void connect(boolean connected) {
        isConnected = connected;
        target.set(isConnected && level);
    }
}
