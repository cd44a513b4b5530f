/**
 * Split virtqueues (virtio 1.2 section 2.7), the device's side. Not here: packed virtqueues, in-order use.
 *
 * <p>A hostile driver loops its descriptors, nests tables, points outside of its memory, at device registers or past
 * 2^64, changes descriptors while they are looked at, and offers more than the rings hold. Each of these makes the
 * queue fail, which the transport turns into DEVICE_NEEDS_RESET; a chain costs at most as many steps as the queue has
 * entries.
 */
package jkvm.device.virtio.queue;
