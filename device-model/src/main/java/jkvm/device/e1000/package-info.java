/**
 * Intel's 82540EM gigabit Ethernet controller, as in QEMU's {@code e1000}: {@link E1000}.
 *
 * <p>Emulated (Intel PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual, 317453): the
 * register window of BAR 0 and IOADDR/IODATA in BAR 1, the Microwire EEPROM through EERD and EECD, the M88E1011 PHY
 * through MDIC with autonegotiation that takes half a second, interrupt causes with ITR, RDTR, RADV, TIDV and TADV,
 * legacy and extended transmit descriptors with TCP and UDP segmentation, checksum insertion and VLAN tags, receive
 * filters, checksum checking, VLAN filter and stripping, frames over several buffers up to 16 KiB, loopback in MAC
 * and PHY, statistics.
 *
 * <p>Not emulated: an expansion ROM, flash, 10 and 100 Mb/s, pause frames, wake-up (its registers keep what is
 * written), the packet buffer's memory, header splitting, writes to the EEPROM. As in QEMU a transmit descriptor
 * without IFCS still gets a frame checksum.
 *
 * <p>A hostile guest sets rings outside of memory, with heads and tails past their ends; describes packets without
 * an end, buffers anywhere, headers and checksums outside of their packets, segments of no length; loops frames back
 * into its own rings; and writes registers at any time from several CPUs. A ring that makes no sense stops
 * until it does. A packet that makes no sense is dropped. Descriptors are read once. A packet is gathered in a
 * buffer of 64 KiB and there are two such buffers more, whatever the guest does. The worker gives up the device's
 * lock after each batch of 32 descriptors or segments.
 *
 * <p>The doorbell TDT carries a value that an ioeventfd cannot deliver, so that it costs an exit; the exit does no
 * more than to keep the value and to wake the worker.
 */
package jkvm.device.e1000;
