/**
 * A network for one guest, made in Java on ordinary sockets: needs no privilege. {@link UserBackend}
 * answers ARP, neighbour discovery, DHCP, router solicitation, echo and TFTP itself, and carries TCP and UDP over
 * sockets of the host. Addresses are QEMU's: 10.0.2.0/24 and fec0::/64, where 2 is the gateway and the host's loopback,
 * 3 the name server.
 *
 * <p>TCP (RFC 9293) is terminated here; the host opens its own connection: window scaling (RFC 7323, no timestamps),
 * retransmission after a time that is estimated (RFC 6298) with NewReno's recovery, but no congestion control before a
 * loss, as there is no network in between, no selective acknowledgement; out-of-order segments are dropped and sent
 * again; urgent data is passed in line. Not supported: echo to the outside (needs privilege), multicast, DHCPv6, path
 * MTU discovery, SMB and guestfwd.
 *
 * <p>A hostile guest could send malformed headers, fragments without end, a flood of SYNs or of datagrams to ever new
 * addresses, or try to reach the host's loopback under its other names. Malformed packets are dropped and counted;
 * flows, fragments, neighbours and file transfers are capped and the oldest is evicted; all loopback addresses and IPv6
 * link-local ones but the gateway's are refused.
 */
package jkvm.host.usernet;
