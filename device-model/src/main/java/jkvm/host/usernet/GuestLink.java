package jkvm.host.usernet;

import jkvm.host.net.FrameQueue;
import jkvm.host.net.NetDevice;
import jkvm.host.net.NetFrame;
import jkvm.host.net.NetOffload;

/** The path to the guest: one frame to build packets in, and those that the NIC had no room for. */
final class GuestLink {
    private static final int QUEUE_SIZE = 1 << 19;

    private final NetFrame frame = new NetFrame();
    private final FrameQueue queue = new FrameQueue(QUEUE_SIZE);
    private NetDevice device;
    private volatile boolean full;
    private long dropped;

    void attach(NetDevice nic) {
        device = nic;
    }

    /** The frame to build next. */
    NetFrame frame() {
        return frame;
    }

    /** Bits of {@link NetOffload}. */
    int offloads() {
        return device.offloads();
    }

    /** True if a frame that is sent now is sure to be kept. A sender of much data asks first. */
    boolean hasRoom() {
        return !full;
    }

    /** Sends {@link #frame()}; it is lost if the queue is full. */
    void send() {
        if (!full && give(frame)) {
            return;
        }
        NetFrame kept = queue.claim();
        if (kept == null) {
            dropped++;
            return;
        }
        kept.copyFrom(frame);
        queue.commit();
    }

    private boolean give(NetFrame offered) {
        // Set before the call: the device may be ready again before it returns.
        full = true;
        if (device.receive(offered)) {
            full = false;
            return true;
        }
        return false;
    }

    /** Sends what waits; called each time that the NIC may have room again. */
    void flush() {
        for (NetFrame oldest = queue.peek(); oldest != null; oldest = queue.peek()) {
            if (!give(oldest)) {
                return;
            }
            queue.release();
        }
        full = false;
    }

    NetDevice device() {
        return device;
    }

    long dropped() {
        return dropped;
    }
}
