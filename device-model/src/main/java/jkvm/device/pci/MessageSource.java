package jkvm.device.pci;

import jkvm.bus.MsiSink;
import jkvm.bus.MsiVector;

/** A vector of MSI or MSI-X: routed anew only when its message has changed. Guarded by its owner's lock. */
final class MessageSource {
    private final MsiVector vector;
    private boolean routed;
    private long address;
    private int data;
    private boolean pending;

    MessageSource(MsiSink sink) {
        vector = sink.newVector();
    }

    boolean isPending() {
        return pending;
    }

    void setPending(boolean value) {
        pending = value;
    }

    /** Makes the vector carry this message. */
    void route(long newAddress, int newData) {
        if (!routed || address != newAddress || data != newData) {
            routed = true;
            address = newAddress;
            data = newData;
            vector.route(newAddress, newData);
        }
    }

    void signal() {
        pending = false;
        vector.signal();
    }
}
