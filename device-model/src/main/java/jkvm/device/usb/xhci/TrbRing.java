package jkvm.device.usb.xhci;

import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The consumer's side of a ring of TRBs that the guest fills (xHCI section 4.9.2). Link TRBs are followed here. Guarded
 * by the controller's lock.
 */
final class TrbRing {
    /** Links in a row: more lead nowhere. */
    private static final int MAX_LINKS = 32;
    private static final long POINTER_MASK = ~0xFL;

    private long pointer;
    private boolean cycle;

    void set(long newPointer, boolean newCycle) {
        pointer = newPointer & POINTER_MASK;
        cycle = newCycle;
    }

    void copy(TrbRing other) {
        pointer = other.pointer;
        cycle = other.cycle;
    }

    /** Where the next TRB is. */
    long pointer() {
        return pointer;
    }

    boolean cycle() {
        return cycle;
    }

    /** As contexts hold it. */
    long pointerAndCycle() {
        return pointer | (cycle ? 1 : 0);
    }

    /**
     * Takes the next TRB.
     *
     * @return false if the guest has not put one there
     * @throws jkvm.memory.GuestAddressException if the ring leaves RAM
     * @throws RingException if it has links only
     */
    boolean next(GuestMemory memory, Trb trb) {
        for (int links = 0; links <= MAX_LINKS; links++) {
            trb.read(memory, pointer);
            if (trb.cycle() != cycle) {
                return false;
            }
            if (trb.type() != Trb.LINK) {
                pointer += Trb.SIZE;
                return true;
            }
            pointer = trb.parameter & POINTER_MASK;
            cycle ^= trb.has(Trb.TOGGLE_CYCLE_BIT);
        }
        throw new RingException();
    }

    void save(StateWriter out) {
        out.putLong("pointer", pointer);
        out.putBoolean("cycle", cycle);
    }

    void load(StateReader in) {
        set(in.getLong("pointer"), in.getBoolean("cycle"));
    }

    /** A ring that cannot be one. */
    static final class RingException extends RuntimeException {
        private static final long serialVersionUID = 1;

        RingException() {
            super("links only", null, false, false);
        }
    }
}
