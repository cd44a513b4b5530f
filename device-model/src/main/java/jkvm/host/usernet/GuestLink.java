package jkvm.host.usernet;

import jkvm.host.net.FrameQueue;
import jkvm.host.net.NetDevice;
import jkvm.host.net.NetFrame;
import jkvm.host.net.NetOffload;

/** The way to the guest: one frame to build packets in, and those that the NIC had no room for. */
final class GuestLink {
    private static final int QUEUE_SIZE = 4 * FrameQueue.MIN_CAPACITY;

    private final NetFrame frame = new NetFrame();
    private final NetFrame waiting = new NetFrame();
    private final FrameQueue queue = new FrameQueue(QUEUE_SIZE);
    private NetDevice device;
    private boolean held;
    private volatile boolean full;
    private long dropped;

    void attach(NetDevice nic) {
        device = nic;
    }

    /** What is built next. */
    NetFrame frame() {
        return frame;
    }

    /** Bits of {@link NetOffload}. */
    int offloads() {
        return device.offloads();
    }

    /** True if a frame that is sent now is sure to be kept. Whoever has much to send asks first. */
    boolean hasRoom() {
        return !full;
    }

    /** Sends {@link #frame()}; it is lost if the queue is full. */
    void send() {
        if (!full && give(frame)) {
            return;
        }
        if (!queue.offer(frame)) {
            dropped++;
        }
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
        while (held || queue.poll(waiting)) {
            held = !give(waiting);
            if (held) {
                return;
            }
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
