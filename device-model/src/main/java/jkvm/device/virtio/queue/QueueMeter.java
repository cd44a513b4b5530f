package jkvm.device.virtio.queue;

/** Counts the requests that a device gives back. On the thread that serves the queue. */
@FunctionalInterface
public interface QueueMeter {

    /**
     * The driver gets requests back.
     *
     * @param chains how many
     * @param bytes  that the device was given in them, and that it has written
     */
    void completed(int chains, long bytes);
}
