/**
 * The host's side of a network: the {@linkplain jkvm.host.net.NetBackend wire} between a NIC and the world, and the
 * kinds of its other end: a tap interface, another machine's socket, a capture file in between, or nothing. The user
 * network is a package of its own.
 *
 * <p>A {@link jkvm.host.net.NetPort} is the NIC's end: flow control and the cable. A frame of the guest is gathered
 * into a buffer that the backend lends, and used there: a {@link jkvm.host.net.FrameQueue} hands over frames, not
 * copies.
 *
 * <p>This package knows no NIC. A hostile guest could send frames of any content and length, fast, with offload fields
 * that do not fit them, and never take what arrives: every queue is bounded, and a full one makes the other side wait.
 */
package jkvm.host.net;
