package jkvm.device.scsi;

import jkvm.bus.Device;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A logical unit as a device of its machine, on a controller's bus. Its commands are carried out with its monitor held.
 */
public final class ScsiUnit implements Device {
    private final String name;
    private final ScsiDevice unit;

    public ScsiUnit(String name, ScsiDevice unit) {
        this.name = name;
        this.unit = unit;
    }

    /** Carries out the commands. */
    public ScsiDevice scsi() {
        return unit;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized void reset() {
        unit.reset();
    }

    @Override
    public synchronized void save(StateWriter out) {
        unit.save(out);
    }

    @Override
    public synchronized void load(StateReader in) {
        unit.load(in);
    }
}
