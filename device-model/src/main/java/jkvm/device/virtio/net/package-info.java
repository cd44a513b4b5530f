/**
 * The network device (VIRTIO 1.2, section 5.1), as QEMU's modern one presents itself to drivers: {@link
 * VirtioNet} over a {@link jkvm.host.net.NetBackend}.
 *
 * <p>Emulated: one queue pair and the control queue; checksums and TCP segmentation left to the card in both
 * directions; frames in several merged buffers; receive modes, address and VLAN filters, the card's address set by the
 * driver; guest offloads switched at run time; link status; an MTU for the guest. Frames that the driver does not take
 * unfinished are finished here.
 *
 * <p>Not emulated: several queue pairs, receive-side scaling and hashes, segment coalescing, UDP fragmentation,
 * announcements, notification coalescing, speed and duplex.
 *
 * <p>A frame that the backend has no room for stays with the driver, and one that the driver has no buffers for stays
 * with the backend: nothing is queued in the card, whatever either does. Only the rest of a segmented frame
 * waits here, one at a time; a saved state does not have it.
 *
 * <p>A hostile driver offers frames without an end or shorter than their headers, checksums and segments outside of
 * their frame, segments of no length or of unknown types, offloads that were not negotiated: dropped and counted. It
 * offers buffers that are too small for any frame: what cannot fit is dropped and counted, and a buffer that cannot
 * even hold a header breaks the queue. It gives commands that are too short, unknown, not negotiated, or with tables
 * that claim to be longer than they are: answered with an error. Its header is read once.
 */
package jkvm.device.virtio.net;
