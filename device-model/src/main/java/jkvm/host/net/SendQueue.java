package jkvm.host.net;

/**
 * What a NIC has sent and a backend's thread has not yet taken, with the flow control that {@link NetBackend#send} asks
 * for.
 */
public final class SendQueue {
    private final FrameQueue queue;
    private final Runnable wake;
    private volatile boolean refused;

    /** @param wake called after each frame, to make the backend's thread take it */
    public SendQueue(int capacity, Runnable wake) {
        this.queue = new FrameQueue(capacity);
        this.wake = wake;
    }

    /**
     * Called by the NIC's thread.
     *
     * @return false if full; {@link #tell} says when there is room again
     */
    public boolean send(NetFrame frame) {
        boolean taken = queue.offer(frame);
        if (!taken) {
            // The other thread may have made room before it could see the flag.
            refused = true;
            taken = queue.offer(frame);
            refused = !taken;
        }
        wake.run();
        return taken;
    }

    /**
     * Called by the backend's thread.
     *
     * @return false if there is no frame
     */
    public boolean poll(NetFrame into) {
        return queue.poll(into);
    }

    public boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Called by the backend's thread after it has taken frames: tells a device that was refused. */
    public void tell(NetDevice device) {
        if (refused && queue.hasRoom()) {
            refused = false;
            device.sendReady();
        }
    }
}
