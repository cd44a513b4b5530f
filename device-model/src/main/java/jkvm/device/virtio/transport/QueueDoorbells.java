package jkvm.device.virtio.transport;

/** Gives queues their doorbells. Any thread may call. */
@FunctionalInterface
public interface QueueDoorbells {

    /** A host that has none: each notification is an exit, and the device wakes the queue's worker. */
    QueueDoorbells NONE = () -> null;

    /** A doorbell that the guest does not reach yet, or null for {@link #NONE}. */
    QueueDoorbell open();
}
