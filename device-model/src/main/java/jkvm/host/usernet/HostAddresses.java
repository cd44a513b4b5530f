package jkvm.host.usernet;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Which addresses of the guest's network mean what, and where on the host they lead. */
final class HostAddresses {
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final long REREAD_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LINK_LOCAL = 0xfe80_0000_0000_0000L;
    private static final int DNS_PORT = 53;

    private final UserConfig config;
    private final Path resolvConf;
    private final long host4;
    private final long dns4;
    private final InetAddress loopback4 = IpAddress.toInet(0, IpAddress.v4(0x7f000001));
    private final InetAddress loopback6 = IpAddress.toInet(0, 1);
    private InetSocketAddress nameServer;
    private long nameServerRead;

    HostAddresses(UserConfig config) {
        this(config, RESOLV_CONF);
    }

    /** @param resolvConf names the host's name servers, as resolv.conf(5) has it */
    HostAddresses(UserConfig config, Path resolvConf) {
        this.config = config;
        this.resolvConf = resolvConf;
        this.host4 = IpAddress.v4(config.host());
        this.dns4 = IpAddress.v4(config.dns());
    }

    /** The gateway, which also stands for the host's loopback. */
    boolean isGateway(long hi, long lo) {
        return hi == 0 && lo == host4 || (hi == UserConfig.IPV6_PREFIX || hi == LINK_LOCAL) && lo == 2;
    }

    boolean isNameServer(long hi, long lo) {
        return hi == 0 && lo == dns4 || hi == UserConfig.IPV6_PREFIX && lo == 3;
    }

    /** In the guest's own network, link-local ones included. */
    boolean isInside(long hi, long lo) {
        if (IpAddress.isV4(hi, lo)) {
            return ((int) lo & config.mask()) == config.network();
        }
        return hi == UserConfig.IPV6_PREFIX || hi == LINK_LOCAL;
    }

    /** An address that a guest may have: inside, and not one of ours or a broadcast. */
    boolean isGuest(long hi, long lo) {
        if (!isInside(hi, lo) || isGateway(hi, lo) || isNameServer(hi, lo)) {
            return false;
        }
        int hostPart = (int) lo & ~config.mask();
        return !IpAddress.isV4(hi, lo) || hostPart != 0 && hostPart != ~config.mask();
    }

    /** Where a packet of the guest goes on the host; null if nowhere, as always with {@code restrict=on}. */
    InetSocketAddress outside(long hi, long lo, int port) {
        return config.restrict() ? null : unrestricted(hi, lo, port);
    }

    /** Where an answer of the guest goes, to someone who has come through a forwarded port; null if nowhere. */
    InetSocketAddress unrestricted(long hi, long lo, int port) {
        if (port == 0) {
            return null;
        }
        if (isGateway(hi, lo)) {
            return new InetSocketAddress(IpAddress.isV4(hi, lo) ? loopback4 : loopback6, port);
        }
        if (isNameServer(hi, lo)) {
            return port == DNS_PORT ? nameServer() : null;
        }
        if (isInside(hi, lo) || isForbidden(hi, lo)) {
            return null;
        }
        return new InetSocketAddress(IpAddress.toInet(hi, lo), port);
    }

    /** Loopback, "this host", link-local, multicast and broadcast in all of their spellings. */
    private static boolean isForbidden(long hi, long lo) {
        if (IpAddress.isV4(hi, lo)) {
            int first = (int) lo >>> 24;
            return first == 0 || first == 127 || first >= 224;
        }
        int top = (int) (hi >>> 48);
        // Zero: unspecified, loopback, IPv4 in its old and mapped forms. 64:ff9b: IPv4 by translation.
        return hi == 0 || top >>> 8 == 0xff || (top & 0xffc0) == 0xfe80 || hi >>> 32 == 0x0064_ff9bL;
    }

    /**
     * The address that the guest sees for a peer of the host's sockets.
     *
     * @param v6 the guest's own protocol
     */
    long seenHi(InetAddress peer, boolean v6) {
        if (peer.isLoopbackAddress()) {
            return v6 ? UserConfig.IPV6_PREFIX : 0;
        }
        return IpAddress.hi(peer);
    }

    /** The other half of {@link #seenHi}. */
    long seenLo(InetAddress peer, boolean v6) {
        if (peer.isLoopbackAddress()) {
            return v6 ? 2 : host4;
        }
        return IpAddress.lo(peer);
    }

    /** The name server's address in the guest's network. */
    long dnsLo(boolean v6) {
        return v6 ? 3 : dns4;
    }

    /** Where questions go: read from the host's configuration now and then, as it may move to another network. */
    InetSocketAddress nameServer() {
        if (config.nameServer().isPresent()) {
            return config.nameServer().get();
        }
        long now = System.nanoTime();
        if (nameServer == null || now - nameServerRead > REREAD_NANOS) {
            nameServerRead = now;
            nameServer = new InetSocketAddress(readNameServer(), DNS_PORT);
        }
        return nameServer;
    }

    /** The first one that is reached by IPv4, or else the first. */
    private InetAddress readNameServer() {
        InetAddress first = null;
        try {
            for (String line : Files.readAllLines(resolvConf)) {
                String[] words = line.trim().split("\\s+");
                if (words.length >= 2 && words[0].equals("nameserver") && words[1].matches("[0-9a-fA-F:.]+(%.*)?")) {
                    InetAddress server = InetAddress.getByName(words[1]);
                    if (server instanceof Inet4Address) {
                        return server;
                    }
                    first = first == null ? server : first;
                }
            }
        } catch (IOException _) {
            // As if it named none: the resolver's default is this host.
        }
        return first == null ? loopback4 : first;
    }
}
