package jkvm.machine.board;

import jkvm.bus.IrqLine;
import jkvm.vm.Vm;

/** One input of the kernel's interrupt controllers, by its global system interrupt number. */
public final class KvmIrqLine implements IrqLine {
    private final Vm vm;
    private final int gsi;
    private boolean level;

    public KvmIrqLine(Vm vm, int gsi) {
        this.vm = vm;
        this.gsi = gsi;
    }

    @Override
    public synchronized void set(boolean newLevel) {
        if (level != newLevel) {
            level = newLevel;
            vm.irqLine(gsi, newLevel);
        }
    }
}
