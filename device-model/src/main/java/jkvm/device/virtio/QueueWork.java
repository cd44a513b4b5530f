package jkvm.device.virtio;

import jkvm.device.virtio.queue.VirtQueue;

/** A device's work on a queue. */
@FunctionalInterface
public interface QueueWork {

    /** Takes requests and gives them back; no other thread does so meanwhile. */
    void run(VirtQueue queue);
}
