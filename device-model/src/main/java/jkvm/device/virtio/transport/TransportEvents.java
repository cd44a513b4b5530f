package jkvm.device.virtio.transport;

/** How a transport tells its driver something. Any thread may call. */
interface TransportEvents {

    /** Whether the bus lets the device read and write guest memory. While it does not, no request is begun. */
    default boolean isDmaAllowed() {
        return true;
    }

    /**
     * Requests of a queue are complete.
     *
     * @param vector the queue's, {@link QueueRegisters#NO_VECTOR} if it has none
     */
    void queueUsed(int vector);

    /** The configuration space or the status has changed. */
    void configChanged();

    /** The device was reset: nothing is to be told any more. */
    void cleared();

    /** Routes the driver's notifications of a queue to its worker, if the transport's registers have an address now. */
    void listen(int queue, QueueWorker worker);
}
