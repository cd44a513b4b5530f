package jkvm.host.net;

/** Takes frames with any offload for a backend that takes finished ones only, and finishes them in software. */
public final class SegmentingBackend implements NetBackend {
    private final NetBackend inner;
    /** All below is guarded by the frame. */
    private final NetFrame held = new NetFrame();
    private final Segmenter segmenter = new Segmenter();
    /** Parts of the held frame are not sent yet. */
    private boolean busy;
    private boolean refused;
    private long dropped;

    /** @param inner gets finished frames only; closed with this backend */
    public SegmentingBackend(NetBackend inner) {
        this.inner = inner;
    }

    @Override
    public void attach(NetDevice device) {
        inner.attach(new NetDevice() {
            @Override
            public boolean receive(NetFrame frame) {
                return device.receive(frame);
            }

            @Override
            public void sendReady() {
                if (drain()) {
                    device.sendReady();
                }
            }

            @Override
            public int offloads() {
                return device.offloads();
            }
        });
    }

    @Override
    public int offloads() {
        return NetOffload.ALL;
    }

    @Override
    public NetFrame claim() {
        synchronized (held) {
            NetFrame frame = busy ? null : inner.claim();
            refused = frame == null;
            return frame;
        }
    }

    @Override
    public void send(NetFrame frame) {
        synchronized (held) {
            if (NetOffload.takes(inner.offloads(), frame)) {
                inner.send(frame);
                return;
            }
            held.copyFrom(frame);
            busy = segmenter.begin(held);
            dropped += busy ? 0 : 1;
            pass();
        }
    }

    /** Sends parts until there is no room or none is left. */
    private void pass() {
        while (busy) {
            NetFrame part = inner.claim();
            if (part == null) {
                return;
            }
            busy = segmenter.next(part);
            if (busy) {
                inner.send(part);
            }
        }
    }

    /** @return true if the device is to be told that there is room */
    private boolean drain() {
        synchronized (held) {
            pass();
            boolean tell = !busy && refused;
            refused &= busy;
            return tell;
        }
    }

    /** Frames whose offload fields did not fit their content. */
    public long dropped() {
        synchronized (held) {
            return dropped;
        }
    }

    @Override
    public void receiveReady() {
        inner.receiveReady();
    }

    @Override
    public void offloadsChanged() {
        inner.offloadsChanged();
    }

    @Override
    public void close() {
        inner.close();
    }
}
