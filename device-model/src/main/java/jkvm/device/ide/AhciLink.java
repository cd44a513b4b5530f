package jkvm.device.ide;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** The link between a port and its drive (AHCI 1.3.1 sections 3.3.10 to 3.3.12). Its port guards it. */
final class AhciLink {
    /** In the error register: the drive was exchanged, as the port sees it, and the link's state has changed. */
    static final int EXCHANGED_BIT = 1 << 26;
    static final int PHY_CHANGED_BIT = 1 << 16;
    /** A drive is there, the link is up at 1.5 Gbit/s. */
    private static final int UP = 0x113;
    private static final int CONTROL_MASK = 0xFFF;
    private static final int DETECTION_MASK = 0xF;
    private static final int RESET = 1;
    private static final int STATE_VERSION = 1;

    private int status;
    private int control;
    private int error;

    /** What a write to the control register asks for. */
    enum Change { NONE, DOWN, UP }

    boolean isUp() {
        return status == UP;
    }

    int status() {
        return status;
    }

    int control() {
        return control;
    }

    int error() {
        return error;
    }

    /** The guest writes the control register: a reset is a write that takes the link down, and one that lets it up. */
    Change write(int value) {
        boolean wasReset = (control & DETECTION_MASK) == RESET;
        control = value & CONTROL_MASK;
        if ((control & DETECTION_MASK) != 0) {
            status = 0;
            return Change.DOWN;
        }
        return wasReset ? Change.UP : Change.NONE;
    }

    /** The drive answers. */
    void up() {
        status = UP;
        error |= EXCHANGED_BIT | PHY_CHANGED_BIT;
    }

    /** The guest clears bits of the error register. */
    void clearErrors(int bits) {
        error &= ~bits;
    }

    void reset() {
        status = 0;
        control = 0;
        error = 0;
    }

    void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putBoolean("up", isUp());
        out.putInt("control", control);
        out.putInt("error", error);
    }

    void load(StateReader in, boolean hasDrive) {
        in.getVersion(STATE_VERSION);
        status = in.getBoolean("up") && hasDrive ? UP : 0;
        control = in.getInt("control") & CONTROL_MASK;
        error = in.getInt("error");
    }
}
