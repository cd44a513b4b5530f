/**
 * Character devices: the host's end of a serial port or a console. A device talks to a {@link Chardev} and
 * never blocks on it; the chardev's own threads do the host's input and output. {@link Chardevs} opens
 * what a {@link ChardevSpec} describes.
 *
 * <p>Supported: standard input and output, files, unix and TCP sockets, telnet on them, datagrams, FIFOs, terminal
 * devices, pseudo-terminals and a ring in memory; not TLS, websockets and tn3270. A hostile guest could flood the
 * output while the host does not read: 64 KiB are kept, then the device waits.
 */
package jkvm.host.chardev;
