package jkvm.device.virtio;

/** Requests that a device may make to its transport. Any thread may call, a device's lock held. */
public interface DeviceLink {

    /** Wakes the queue's worker. */
    void wake(int queue);

    /** The configuration space has changed; the driver is told. */
    void configChanged();

    /**
     * Does work on a queue on the calling thread, while the queue's own does nothing there: for input that comes on a
     * thread of the host side's. Waits for the queue's thread, so with no lock held that {@link VirtioDevice#serve}
     * takes, and not from within it.
     *
     * @return false if the queue is not served now and the work was not done; when it is again {@link
     *         VirtioDevice#serve} is called, unless the driver resets the device
     */
    boolean serve(int queue, QueueWork work);
}
