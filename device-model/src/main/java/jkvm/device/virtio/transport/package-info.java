/**
 * virtio 1.2's transports: PCI (section 4.1, with the legacy interface of section 4.1.4.10, which firmware and
 * teaching kernels drive) and memory-mapped registers (section 4.2, version 2). {@link TransportState} is common to
 * both: status, feature negotiation, queue registers, reset. {@link QueueWorker} serves a queue and says in which
 * states that can be.
 *
 * <p>Not emulated: shared memory regions, notification data, administration queues.
 *
 * <p>A notification wakes the queue's worker, under KVM without a vCPU leaving the guest ({@link QueueDoorbell}). A
 * reset is complete, and the status register reads zero, when the last service of a queue has ended: one completion, by
 * the thread that ended it. A driver that does not wait for that, as it must, waits at its next write. So nothing is
 * written to guest memory after a reset. A PCI function that the guest has not made a bus master begins no request and
 * sends no message; both wait until it is one.
 *
 * <p>A hostile driver sets queues up wrongly or changes them while they are in use: DEVICE_NEEDS_RESET, a configuration
 * interrupt, and no service until it resets the device. The same where it notifies a queue that does not exist. It
 * notifies before DRIVER_OK or after a reset, selects queues that do not exist, skips steps of the initialization, or
 * resets again and again: ignored.
 *
 * <p>Locks, in their order: the transport's state, a queue worker's, a device's own; interrupts, the PCI function's,
 * message tables. A PCI function's lock is never held while the transport's state is locked for.
 */
package jkvm.device.virtio.transport;
