/**
 * Character devices: the host's end of a serial port or a console. A device talks to a {@link jkvm.chardev.Chardev} and
 * never blocks on it; the chardev's own threads do the host's input and output. {@link jkvm.chardev.Chardevs} opens
 * what a {@link jkvm.chardev.ChardevSpec} describes.
 *
 * <p>There are standard input and output, files, unix sockets and pseudo-terminals; no TCP, no pipes, no ring buffers.
 * A hostile guest could flood the output while the host does not read: 64 KiB are kept, then the device waits.
 */
package jkvm.chardev;
