package jkvm.device.virtio.queue;

/** Events of a queue, on the thread that serves it. */
public interface QueueEvents {

    /** The driver wants to be told that requests are complete. */
    void interrupt();

    /**
     * The driver broke the rules; the queue gives out nothing more.
     *
     * @param reason one line
     */
    void failed(String reason);
}
