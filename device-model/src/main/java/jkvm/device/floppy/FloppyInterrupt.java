package jkvm.device.floppy;

import jkvm.bus.IrqLine;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** The interrupt line, and why it is raised as far as SENSE INTERRUPT tells it. The controller guards it. */
final class FloppyInterrupt {
    private static final int RESET_SENSES = 4;

    private final IrqLine line;
    private boolean isRaised;
    private int status;
    private int drive;
    /** How many of the four drives are still to be told of after a reset. */
    private int resetSenses;

    FloppyInterrupt(IrqLine line) {
        this.line = line;
    }

    /** A command has ended, or its data wait for the guest. */
    void raise() {
        isRaised = true;
        resetSenses = 0;
        line.set(true);
    }

    /** The guest has heard. */
    void lower() {
        isRaised = false;
        line.set(false);
    }

    /** Forgets what there is to tell. */
    void clear() {
        status = 0;
        resetSenses = 0;
        lower();
    }

    /** A reset has ended: each drive may be another one. */
    void resetEnded() {
        raise();
        status = Status.READY_CHANGED;
        resetSenses = RESET_SENSES;
    }

    void seekEnded(int ofDrive) {
        raise();
        status = Status.SEEK_END;
        drive = ofDrive;
    }

    /** SENSE INTERRUPT. */
    void sense(FloppyResult result, FloppyDrive[] drives) {
        if (resetSenses == 0 && !isRaised) {
            result.single(Status.INVALID);
            return;
        }
        if (resetSenses > 0) {
            drive = RESET_SENSES - resetSenses;
            resetSenses--;
        }
        result.bytes()[0] = (byte) (status | drive);
        result.bytes()[1] = (byte) drives[drive].track();
        result.begin(2);
        lower();
    }

    void save(StateWriter out) {
        out.putBoolean("interrupt", isRaised);
        out.putInt("interrupt status", status);
        out.putInt("interrupt drive", drive);
        out.putInt("reset senses", resetSenses);
    }

    void load(StateReader in) {
        isRaised = in.getBoolean("interrupt");
        status = in.getInt("interrupt status", 0, 0xFF);
        drive = in.getInt("interrupt drive", 0, FloppyController.DRIVES - 1);
        resetSenses = in.getInt("reset senses", 0, RESET_SENSES);
        line.set(isRaised);
    }
}
