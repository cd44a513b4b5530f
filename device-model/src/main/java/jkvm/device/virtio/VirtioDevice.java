package jkvm.device.virtio;

import jkvm.device.virtio.queue.VirtQueue;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A virtio device, whatever its transport.
 *
 * <p>Threads: each queue is served by a thread of its own, which may block on the host's files, or by one of the
 * device's through {@link DeviceLink#serve}, one at a time. All other methods are called by vCPU threads with the
 * transport's lock held, and return soon. A device with state that both use has its own lock and does not hold it
 * while it waits.
 */
public interface VirtioDevice {
    /** Entries of a queue, if a device does not say otherwise. */
    int DEFAULT_QUEUE_SIZE = 256;

    /** A short name, unique in the machine. */
    String name();

    /** The device type (virtio 1.2 section 5). */
    int type();

    /** How many queues it has. */
    int queues();

    /** The largest size of a queue, a power of two. */
    default int maxQueueSize(int queue) {
        return DEFAULT_QUEUE_SIZE;
    }

    /** The feature bits of the device type that it offers, 0 to 23. */
    default long features() {
        return 0;
    }

    /** Bytes of configuration space. */
    default int configSize() {
        return 0;
    }

    /**
     * A byte of configuration space.
     *
     * @param offset below {@link #configSize()}
     */
    default int readConfig(int offset) {
        return 0;
    }

    /**
     * The driver writes a byte of configuration space.
     *
     * @param offset below {@link #configSize()}
     */
    default void writeConfig(int offset, int value) {
    }

    /**
     * The driver is ready; its queues are served from now on.
     *
     * @param features all that were negotiated
     * @param link     to the transport, good until {@link #stop()}
     */
    default void start(long features, DeviceLink link) {
    }

    /** The driver reset the device. No queue is being served any more. */
    default void stop() {
    }

    /**
     * The driver notified a queue, or the device asked for this: handles all requests that there are. Called on the
     * queue's thread.
     */
    void serve(int index, VirtQueue queue);

    /**
     * Writes what the driver can see or has set, and what the device has taken and not yet given; a version first.
     * Nothing is being served. Queues and features are the transport's.
     */
    void save(StateWriter out);

    /**
     * Takes over what {@link #save} wrote; {@link #start} follows if the driver was ready. Sends nothing to the host
     * side and wakes no queue: the machine does not run yet.
     */
    void load(StateReader in);
}
