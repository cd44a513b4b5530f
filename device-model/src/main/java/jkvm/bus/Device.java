package jkvm.bus;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A device as its machine sees it. The guest sees its {@link IoHandler}s; a device with one range of
 * registers implements both.
 *
 * {@snippet :
 * final class Counter implements Device, IoHandler {
 *     private static final int STATE_VERSION = 1;
 *     private long reads;
 *
 *     public synchronized long read(long offset, int size) {
 *         return reads++;
 *     }
 *
 *     public synchronized void write(long offset, int size, long value) {
 *         reads = value;
 *     }
 *
 *     public String name() {
 *         return "counter";
 *     }
 *
 *     public synchronized void reset() {
 *         reads = 0;
 *     }
 *
 *     public synchronized void save(StateWriter out) {
 *         out.putVersion(STATE_VERSION);
 *         out.putLong("reads", reads);
 *     }
 *
 *     public synchronized void load(StateReader in) {
 *         in.getVersion(STATE_VERSION);
 *         reads = in.getLong("reads");
 *     }
 * }
 * }
 */
public interface Device {

    /** A short name, unique in the machine: {@code serial0}. Names the device's section in a saved state. */
    String name();

    /** Power-on state, as after a reset of the machine. Called while no vCPU runs. */
    void reset();

    /** Writes all guest-visible state. Called while neither a vCPU nor a worker runs; changes nothing. */
    void save(StateWriter out);

    /**
     * Takes over a saved state. Called while neither a vCPU nor a worker runs, on a device of the same configuration.
     */
    void load(StateReader in);
}
