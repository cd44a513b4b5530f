package jkvm.bench;

import jkvm.device.virtio.queue.QueueEvents;

/** Counts a queue's interrupts; the queue may not fail. */
final class CountingQueueEvents implements QueueEvents {
    long interrupts;

    @Override
    public void interrupt() {
        interrupts++;
    }

    @Override
    public void failed(String reason) {
        throw new IllegalStateException(reason);
    }
}
