package jkvm.host.net;

import java.util.ArrayList;
import java.util.List;

/** A wire whose far end is the test: takes finished frames as long as it has room. */
final class FakeWire implements NetBackend {
    final List<byte[]> sent = new ArrayList<>();
    int room = 100;
    private final NetFrame lent = new NetFrame();
    /** Receives the test's frames. */
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
    public NetFrame claim() {
        return room == 0 ? null : lent;
    }

    @Override
    public void send(NetFrame frame) {
        room--;
        sent.add(RecordingNic.bytes(frame));
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
