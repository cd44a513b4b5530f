package jkvm.device.virtio;

import jkvm.device.virtio.queue.VirtQueue;

/** What a device does with a queue. */
@FunctionalInterface
public interface QueueWork {

    /** Takes requests and gives them back; nobody else does so meanwhile. */
    void run(VirtQueue queue);
}
