package jkvm.host.net;

/**
 * Frames that a NIC sent and a backend's thread has not yet taken, with the flow control that {@link NetBackend#claim}
 * asks for.
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
     * @return null if full; {@link #tell} says when there is room again
     */
    public NetFrame claim() {
        NetFrame frame = queue.claim();
        if (frame == null) {
            // The other thread may have made room before it could see the flag.
            refused = true;
            frame = queue.claim();
            refused = frame == null;
        }
        return frame;
    }

    /** Sends what {@link #claim()} gave. Called by the NIC's thread. */
    public void send() {
        queue.commit();
        wake.run();
    }

    /**
     * Called by the backend's thread, which has the frame until {@link #release()}.
     *
     * @return null if there is none
     */
    public NetFrame peek() {
        return queue.peek();
    }

    /** Called by the backend's thread when it is done with what {@link #peek()} gave. */
    public void release() {
        queue.release();
    }

    /** Called by the backend's thread after it has taken frames: tells a device that was refused. */
    public void tell(NetDevice device) {
        if (refused && queue.hasRoom()) {
            refused = false;
            device.sendReady();
        }
    }
}
