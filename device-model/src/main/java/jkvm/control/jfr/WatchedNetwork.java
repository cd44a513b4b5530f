package jkvm.control.jfr;

import jkvm.host.net.NetBackend;
import jkvm.host.net.NetDevice;
import jkvm.host.net.NetFrame;

/** Tells each packet that a card sends, or takes from its network. */
final class WatchedNetwork implements NetBackend {
    private final NetBackend backend;
    private final String card;

    WatchedNetwork(NetBackend backend, String card) {
        this.backend = backend;
        this.card = card;
    }

    private void tell(String direction, int length) {
        PacketEvent event = new PacketEvent();
        if (event.shouldCommit()) {
            event.card = card;
            event.direction = direction;
            event.length = length;
            event.commit();
        }
    }

    @Override
    public void attach(NetDevice device) {
        backend.attach(new NetDevice() {
            @Override
            public boolean receive(NetFrame frame) {
                // Before: a frame that was taken may have changed.
                int length = frame.length();
                boolean taken = device.receive(frame);
                if (taken) {
                    tell("receive", length);
                }
                return taken;
            }

            @Override
            public void sendReady() {
                device.sendReady();
            }

            @Override
            public int offloads() {
                return device.offloads();
            }
        });
    }

    @Override
    public void send(NetFrame frame) {
        tell("send", frame.length());
        backend.send(frame);
    }

    @Override
    public int offloads() {
        return backend.offloads();
    }

    @Override
    public NetFrame claim() {
        return backend.claim();
    }

    @Override
    public void receiveReady() {
        backend.receiveReady();
    }

    @Override
    public void offloadsChanged() {
        backend.offloadsChanged();
    }

    @Override
    public void close() {
        backend.close();
    }
}
