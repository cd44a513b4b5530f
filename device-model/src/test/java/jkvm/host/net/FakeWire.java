package jkvm.host.net;

import java.util.ArrayList;
import java.util.List;

/** A wire whose far end is the test: takes finished frames as long as it has room. */
final class FakeWire implements NetBackend {
    final List<byte[]> sent = new ArrayList<>();
    int room = 100;
    /** Gets what the test sends. */
    NetDevice device;

    @Override
    public void attach(NetDevice nic) {
        device = nic;
    }

    @Override
    public int offloads() {
        return 0;
    }

    @Override
    public boolean send(NetFrame frame) {
        if (room == 0) {
            return false;
        }
        room--;
        sent.add(RecordingNic.bytes(frame));
        return true;
    }

    @Override
    public void receiveReady() {
        // Nothing waits.
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
