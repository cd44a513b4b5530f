package jkvm.machine.board;

import jkvm.bios.Alarm;
import jkvm.bus.IrqLine;
import jkvm.work.VmClock;

/** Ends the waits of BIOS services by pulses of an interrupt line. */
final class AlarmLine implements Alarm {
    private final IrqLine line;
    private final VmClock.Timer timer;

    AlarmLine(IrqLine line, VmClock clock) {
        this.line = line;
        timer = clock.newTimer(this::ring);
    }

    @Override
    public synchronized void ring() {
        line.set(true);
        line.set(false);
    }

    @Override
    public void ringAt(long nanos) {
        timer.arm(nanos);
    }
}
