/**
 * An xHCI host controller for USB (Intel's "eXtensible Host Controller Interface", revision 1.0, here "xHCI"), with
 * the registers of QEMU's {@code qemu-xhci}.
 *
 * <p>{@link jkvm.device.usb.xhci.Xhci} has the registers. A doorbell wakes the controller's worker, which takes TRBs
 * from rings in guest memory: commands in {@code CommandRing}, transfers in {@code EndpointTransfers}. Answers are
 * events, which {@code Interrupter} writes into a ring of the guest's.
 *
 * <p>There are control, interrupt and bulk endpoints, 64 slots, 16 interrupters, four ports of each of USB 2 and 3.
 * Absent: isochronous endpoints, streams, hubs, interrupt moderation (as in QEMU an event is told at once), the event
 * for a wrapped microframe index.
 *
 * <p>A hostile guest could point rings, contexts and buffers anywhere, link rings into loops, change TRBs that are
 * being read, ring doorbells of slots that do not exist, and never take an event. A TRB is read once; a round takes a
 * bounded number of them; a buffer outside of RAM is an error of the transfer, a ring or table there one of the
 * controller (HCE), from which a reset leads back; while an event ring is full the controller does nothing else.
 */
package jkvm.device.usb.xhci;
