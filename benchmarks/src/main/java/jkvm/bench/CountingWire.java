package jkvm.bench;

import jkvm.host.net.NetBackend;
import jkvm.host.net.NetDevice;
import jkvm.host.net.NetFrame;
import jkvm.host.net.NetOffload;

/** Takes every frame and counts it. */
final class CountingWire implements NetBackend {
    private final NetFrame buffer = new NetFrame();
    NetDevice device;
    long frames;
    long bytes;

    @Override
    public void attach(NetDevice nic) {
        device = nic;
    }

    @Override
    public int offloads() {
        return NetOffload.ALL;
    }

    @Override
    public NetFrame claim() {
        return buffer;
    }

    @Override
    public void send(NetFrame frame) {
        frames++;
        bytes += frame.length();
    }

    @Override
    public void receiveReady() {
        // The benchmark offers again without being asked to.
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
