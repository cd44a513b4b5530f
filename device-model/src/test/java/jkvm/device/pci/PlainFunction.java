package jkvm.device.pci;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** A function that has nothing but its configuration space, and the BARs that a test gives it. */
class PlainFunction extends PciFunction {
    PlainFunction(String name, PciIdentity identity) {
        super(name, identity);
    }

    @Override
    protected void saveDevice(StateWriter out) {
        // Configuration space is all.
    }

    @Override
    protected void loadDevice(StateReader in) {
        // Configuration space is all.
    }
}
