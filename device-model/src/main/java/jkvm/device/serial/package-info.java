/**
 * The serial port: a National Semiconductor PC16550D (data sheet of June 1995), as the PC wires it.
 *
 * <p>Emulated: both FIFOs with trigger levels, all interrupts in their order of priority with the character timeout,
 * line and modem status with deltas, loopback with modem lines, divisor latch, scratch register. Bytes go out as soon
 * as the host takes them, whatever the divisor says; the divisor sets the length of the character timeout only. Not
 * emulated: parity and framing errors, DMA modes, sending a break, hardware flow control of later chips, the PC's gate
 * that OUT2 opens: an interrupt arrives without it, as in QEMU.
 *
 * <p>The modem inputs CTS, DSR and DCD follow the host's end: present or gone.
 *
 * <p>A hostile guest writes without looking at LSR while the host reads nothing: it loses bytes once the transmit
 * FIFO is full, and nothing waits for the host. It loops back more than it reads: overrun. It flips the FIFO enable
 * bit, the divisor latch or loopback in mid-stream: the FIFOs are sixteen bytes each and nothing else can grow.
 */
package jkvm.device.serial;
