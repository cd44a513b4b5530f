package jkvm.host.net;

/** A wire whose other end is empty: takes every frame and delivers none. */
public final class NullBackend implements NetBackend {
    private final NetFrame frame = new NetFrame();

    /** Needs nothing. */
    public NullBackend() {
    }

    @Override
    public void attach(NetDevice device) {
        // Nothing ever arrives.
    }

    @Override
    public int offloads() {
        return NetOffload.ALL;
    }

    @Override
    public NetFrame claim() {
        return frame;
    }

    @Override
    public void send(NetFrame sent) {
        // The frame is dropped.
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
