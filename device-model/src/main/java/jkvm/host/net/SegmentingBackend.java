package jkvm.host.net;

/** Takes frames with any offload for a backend that takes finished ones only, and finishes them in software. */
public final class SegmentingBackend implements NetBackend {
    private final NetBackend inner;
    /** All below is guarded by the frame. */
    private final NetFrame held = new NetFrame();
    private final NetFrame part = new NetFrame();
    private final Segmenter segmenter = new Segmenter();
    /** Parts of the held frame are not sent yet; {@link #part} is the next. */
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
    public boolean send(NetFrame frame) {
        synchronized (held) {
            if (busy) {
                refused = true;
                return false;
            }
            if (NetOffload.takes(inner.offloads(), frame)) {
                refused = !inner.send(frame);
                return !refused;
            }
            // The frame counts as taken from here on, also if not all of its parts find room at once.
            held.copyFrom(frame);
            busy = segmenter.begin(held) && segmenter.next(part);
            dropped += busy ? 0 : 1;
            pass();
            return true;
        }
    }

    /** Sends parts until there is no room or none is left. */
    private void pass() {
        while (busy && inner.send(part)) {
            busy = segmenter.next(part);
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
