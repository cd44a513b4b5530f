package jkvm.device.virtio.transport;

/**
 * Wakes a queue's worker when the guest writes to an address, without a vCPU leaving the guest if the host can do that.
 * One thread waits; any may call the rest.
 */
public interface QueueDoorbell extends AutoCloseable {

    /** Waits until it is rung. Returns at once if that was since the last call. */
    void await();

    /** Rings it, as a write of the guest does. After {@link #close()} nothing happens. */
    void ring();

    /**
     * From now on a write to this guest physical address rings, in place of what was set before. A host that refuses
     * leaves the write to the device's registers, as others are.
     *
     * @param length  bytes of the write
     * @param matches whether only writes of {@code value} ring
     */
    void listen(long address, int length, boolean matches, int value);

    /** Writes of the guest do not ring any more. */
    void unlisten();

    /** No thread waits any more. */
    @Override
    void close();
}
