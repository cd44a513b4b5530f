package jkvm.host.net;

import java.util.ArrayList;
import java.util.List;

/** A wire that keeps what the NIC sends, and through which a test sends. */
public final class RecordingBackend implements NetBackend {
    public final List<byte[]> sent = new ArrayList<>();
    /** The frame sent last, with its offload fields. */
    public final NetFrame lastSent = new NetFrame();
    /** True while there is no room for a sent frame. */
    public volatile boolean full;
    /** Keeps frames; a long random run counts them only. */
    public boolean keeps = true;
    public int offloads = NetOffload.ALL;
    /** Called with each frame taken. */
    public Runnable inSend = () -> { };
    public volatile int count;
    public volatile int readyCalls;
    public int offloadsChanges;
    private final NetFrame frame = new NetFrame();
    private final NetFrame lent = new NetFrame();
    private NetDevice device;

    @Override
    public void attach(NetDevice newDevice) {
        device = newDevice;
    }

    @Override
    public int offloads() {
        return offloads;
    }

    @Override
    public NetFrame claim() {
        return full ? null : lent;
    }

    @Override
    public void send(NetFrame out) {
        if (out != lent) {
            throw new AssertionError("not the frame that was lent");
        }
        count++;
        inSend.run();
        if (keeps) {
            byte[] bytes = new byte[out.length()];
            out.data().get(0, bytes);
            sent.add(bytes);
            lastSent.copyFrom(out);
        }
    }

    @Override
    public void receiveReady() {
        readyCalls++;
    }

    @Override
    public void offloadsChanged() {
        offloadsChanges++;
    }

    @Override
    public void close() {
        device = null;
    }

    public NetDevice device() {
        return device;
    }

    /** A frame without offload fields, good until the next call. */
    public NetFrame frame(byte[] bytes) {
        frame.data().put(0, bytes);
        frame.setLength(bytes.length);
        frame.clearOffload();
        return frame;
    }

    /** Offers a frame to the NIC. */
    public boolean offer(byte[] bytes) {
        return device.receive(frame(bytes));
    }
}
