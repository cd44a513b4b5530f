package jkvm.device.ide;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The slots of a port's command list: those whose commands the guest has issued, the tags that it waits for, and the
 * turn of each (AHCI 1.3.1 sections 3.3.13 and 3.3.14). Its port guards it.
 */
final class AhciSlots {
    static final int COUNT = 32;

    private int queued;
    private int issued;
    /** The command that is under way or was the last, and the first one to look at next. */
    private int current;
    private int next;

    int queued() {
        return queued;
    }

    int issued() {
        return issued;
    }

    int current() {
        return current;
    }

    void queue(int tags) {
        queued |= tags;
    }

    void issue(int slots) {
        issued |= slots;
    }

    /** Makes the next slot in their order the current one. One is issued. */
    int advance() {
        current = next + Integer.numberOfTrailingZeros(Integer.rotateRight(issued, next)) & COUNT - 1;
        next = current + 1 & COUNT - 1;
        return current;
    }

    /** The command of the current slot has ended. */
    void end() {
        issued &= ~(1 << current);
    }

    /** Queued commands have ended. */
    void endQueued(int tags) {
        queued &= ~tags;
    }

    /** Forgets all commands. */
    void clear() {
        queued = 0;
        issued = 0;
        current = 0;
        next = 0;
    }

    /** Within the port's state. */
    void save(StateWriter out) {
        out.putInt("queued", queued);
        out.putInt("issued", issued);
        out.putInt("slot", current);
        out.putInt("next", next);
    }

    void load(StateReader in) {
        queued = in.getInt("queued");
        issued = in.getInt("issued");
        current = in.getInt("slot", 0, COUNT - 1);
        next = in.getInt("next", 0, COUNT - 1);
    }
}
