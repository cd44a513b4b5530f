package jkvm.bus;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** A device without guest-visible state: a saved state has its name and version only. */
public interface StatelessDevice extends Device {
    /** The version of the empty state; a device that gets state later begins with the next one. */
    int STATE_VERSION = 1;

    @Override
    default void reset() {
    }

    @Override
    default void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
    }

    @Override
    default void load(StateReader in) {
        in.getVersion(STATE_VERSION);
    }
}
