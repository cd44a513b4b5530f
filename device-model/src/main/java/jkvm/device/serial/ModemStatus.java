package jkvm.device.serial;

import static jkvm.device.serial.UartRegisters.*;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** The modem's lines as MSR shows them, with the deltas since it was read last. */
final class ModemStatus {
    private boolean peerPresent = true;
    private int lines;
    private int deltas;

    /** The power-on state: no loopback, no deltas. */
    void reset() {
        lines = externalLines();
        deltas = 0;
    }

    /** Takes effect with the next {@link #update}. */
    void setPeerPresent(boolean present) {
        peerPresent = present;
    }

    boolean hasChanged() {
        return deltas != 0;
    }

    /** MSR, whose deltas are gone then. */
    int read() {
        int value = lines | deltas;
        deltas = 0;
        return value;
    }

    /** Follows the other side, or in loopback the outputs in {@code mcr}. */
    void update(int mcr) {
        int now = (mcr & MCR_LOOP_BIT) != 0 ? loopedLines(mcr) : externalLines();
        int changed = now ^ lines;
        deltas |= (changed & (MSR_CTS_BIT | MSR_DSR_BIT | MSR_DCD_BIT)) >> 4;
        if ((changed & lines & MSR_RI_BIT) != 0) {
            deltas |= MSR_TERI_BIT;
        }
        lines = now;
    }

    private int externalLines() {
        return peerPresent ? MSR_CTS_BIT | MSR_DSR_BIT | MSR_DCD_BIT : 0;
    }

    private static int loopedLines(int mcr) {
        return ((mcr & MCR_RTS_BIT) != 0 ? MSR_CTS_BIT : 0) | ((mcr & MCR_DTR_BIT) != 0 ? MSR_DSR_BIT : 0)
                | ((mcr & MCR_OUT1_BIT) != 0 ? MSR_RI_BIT : 0) | ((mcr & MCR_OUT2_BIT) != 0 ? MSR_DCD_BIT : 0);
    }

    void save(StateWriter out) {
        out.putInt("modemLines", lines);
        out.putInt("modemDeltas", deltas);
    }

    void load(StateReader in) {
        lines = in.getInt("modemLines", 0, 0xff);
        deltas = in.getInt("modemDeltas", 0, MSR_DELTA_MASK);
    }
}
