package jkvm.device.virtio.transport;

import jkvm.device.virtio.queue.QueueDriver;
import jkvm.device.virtio.queue.QueueLayout;
import jkvm.memory.GuestMemory;

/** A driver that drives a device through its transport's registers, step by step or all at once. */
public interface VirtioDriver {
    int ACKNOWLEDGE = TransportState.ACKNOWLEDGE_BIT;
    int DRIVER = TransportState.DRIVER_BIT;
    int FEATURES_OK = TransportState.FEATURES_OK_BIT;
    int DRIVER_OK = TransportState.DRIVER_OK_BIT;
    int NEEDS_RESET = TransportState.NEEDS_RESET_BIT;
    long VERSION_1 = TransportState.VERSION_1;
    long EVENT_IDX = TransportState.EVENT_IDX;
    long INDIRECT_DESC = TransportState.INDIRECT_DESC;
    long RING_RESET = TransportState.RING_RESET;

    int status();

    void status(int value);

    long offeredFeatures();

    void acceptFeatures(long features);

    int maxSize(int queue);

    /** Sets size and addresses of a queue. */
    void place(int queue, QueueLayout layout);

    void enable(int queue);

    void resetQueue(int queue);

    boolean isEnabled(int queue);

    void notify(int queue);

    long config(int offset, int size);

    void config(int offset, int size, long value);

    int generation();

    /** Takes the interrupt that waits: 0 for none, 1 for a queue's, 2 or 3 for a change of configuration or status. */
    int takeInterrupt();

    /** Up to the accepted features. */
    default void negotiate(long features) {
        status(0);
        status(ACKNOWLEDGE);
        status(ACKNOWLEDGE | DRIVER);
        acceptFeatures(features);
        status(ACKNOWLEDGE | DRIVER | FEATURES_OK);
    }

    default void ready() {
        status(ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
    }

    /** Sets the device up with these queues, from the first on. */
    default void start(long features, QueueDriver... queues) {
        negotiate(features | VERSION_1);
        for (int i = 0; i < queues.length; i++) {
            queues[i].clear();
            place(i, queues[i].layout());
            enable(i);
        }
        ready();
    }

    /** A queue's driver in its own 64 KiB of memory. */
    static QueueDriver queue(GuestMemory memory, int index, int size) {
        return new QueueDriver(memory, size, 0x10000L * (index + 1));
    }
}
