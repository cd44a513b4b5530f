/**
 * virtio 1.2: {@link VirtioDevice} is a device without a transport. A new device is a class that implements it: its
 * type, its queues, its feature bits and its configuration space. {@link jkvm.device.virtio.transport} makes it a PCI
 * function or a block of memory-mapped registers and gives it threads; {@link jkvm.device.virtio.queue} are its queues.
 */
package jkvm.device.virtio;
