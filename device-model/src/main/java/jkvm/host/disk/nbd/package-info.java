/**
 * Disks over the NBD protocol: {@link jkvm.host.disk.nbd.NbdServer} serves one, {@link jkvm.host.disk.nbd.NbdFile} is
 * one that a server has. Newstyle negotiation, structured replies, the context {@code base:allocation}; no TLS.
 *
 * <p>Either side may be hostile: each length is checked before memory is taken for it, and a violation of the protocol
 * ends the connection.
 *
 * @see <a href="https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md">The NBD protocol</a>
 */
package jkvm.host.disk.nbd;
