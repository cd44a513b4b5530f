package jkvm.bus;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A device as its machine sees it. What the guest sees of it are its {@link IoHandler}s; a device with one range of
 * registers implements both.
 */
public interface Device {

    /** A short name, unique in the machine: {@code serial0}. Names the device's section in a saved state. */
    String name();

    /** Power-on state, as after a reset of the machine. Called while no vCPU runs. */
    void reset();

    /** Writes all guest-visible state. Called while no vCPU runs. */
    void save(StateWriter out);

    /** Takes over a saved state. Called while no vCPU runs, on a device of the same configuration. */
    void load(StateReader in);
}
