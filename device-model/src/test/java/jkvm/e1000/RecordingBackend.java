package jkvm.e1000;

import java.util.ArrayList;
import java.util.List;
import jkvm.net.NetBackend;
import jkvm.net.NetDevice;
import jkvm.net.NetFrame;
import jkvm.net.NetOffload;

/** A wire that keeps what the NIC sends, and through which a test sends. */
final class RecordingBackend implements NetBackend {
    final List<byte[]> sent = new ArrayList<>();
    /** Answers false to what is sent. */
    boolean full;
    /** Keeps frames; a long random run counts them only. */
    boolean keeps = true;
    int count;
    int readyCalls;
    private final NetFrame frame = new NetFrame();
    private NetDevice device;

    @Override
    public void attach(NetDevice newDevice) {
        device = newDevice;
    }

    @Override
    public int offloads() {
        return NetOffload.ALL;
    }

    @Override
    public boolean send(NetFrame out) {
        if (full) {
            return false;
        }
        count++;
        if (keeps) {
            byte[] bytes = new byte[out.length()];
            out.data().get(0, bytes);
            sent.add(bytes);
        }
        return true;
    }

    @Override
    public void receiveReady() {
        readyCalls++;
    }

    @Override
    public void close() {
        device = null;
    }

    NetDevice device() {
        return device;
    }

    /** Offers a frame to the NIC. */
    boolean offer(byte[] bytes) {
        return offer(bytes, false);
    }

    /** Offers a frame. @param valid the wire vouches for its checksums */
    boolean offer(byte[] bytes, boolean valid) {
        frame.data().put(0, bytes);
        frame.setLength(bytes.length);
        frame.clearOffload();
        frame.setChecksumValid(valid);
        return device.receive(frame);
    }
}
