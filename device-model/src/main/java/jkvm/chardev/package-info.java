/**
 * Character devices: the host's end of a serial port or a console. A device talks to a {@link jkvm.chardev.Chardev} and
 * never blocks on it; the chardev's own threads do the host's input and output.
 */
package jkvm.chardev;
