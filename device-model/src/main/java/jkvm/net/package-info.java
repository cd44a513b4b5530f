/**
 * The host's side of a network: the {@linkplain jkvm.net.NetBackend wire} between a NIC and the world, and what can be
 * at its other end. {@link jkvm.net.NetBackends} opens what a {@link jkvm.net.NetdevSpec} describes: the user network
 * ({@link jkvm.net.user}), a tap interface, another machine's socket, a capture file in between, or nothing.
 *
 * <p>Knows no NIC. A hostile guest could send frames of any content and length, fast, with offload fields that do not
 * fit them, and never take what arrives: every queue is bounded, and a full one makes the other side wait.
 */
package jkvm.net;
