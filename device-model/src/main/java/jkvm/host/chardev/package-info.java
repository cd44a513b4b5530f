/**
 * Character devices: the host's end of a serial port or a console. A device talks to a {@link Chardev} and
 * never blocks on it; the chardev's own threads do the host's input and output. {@link Chardevs} opens
 * what a {@link ChardevSpec} describes.
 *
 * <p>Supported: standard input and output, files, unix sockets and pseudo-terminals; not TCP, pipes or ring buffers.
 * A hostile guest could flood the output while the host does not read: 64 KiB are kept, then the device waits.
 */
package jkvm.host.chardev;
