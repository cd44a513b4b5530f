package jkvm.host.usernet;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Settings of a user network.
 *
 * @param ipv4       off: no ARP, DHCP and IPv4
 * @param ipv6       off: no router advertisement and IPv6
 * @param restrict   the guest reaches nothing but the gateway's own services; forwarded ports work
 * @param network    the IPv4 network's address, as a number
 * @param mask       its mask
 * @param host       the gateway's IPv4 address
 * @param dns        the name server's IPv4 address
 * @param dhcpStart  the first address that DHCP gives; each guest NIC gets the next
 * @param hostname   for the guest, by DHCP
 * @param domain     for the guest, by DHCP
 * @param dnsSearch  domains to search, by DHCP
 * @param tftp       the folder whose files TFTP gives out
 * @param bootFile   the name of the file to boot from, by DHCP
 * @param tftpServer the name of the TFTP server, by DHCP; the address is always the gateway's
 * @param forwards   the host's ports that lead to the guest
 * @param nameServer where questions to the name server go; the host's own if empty
 */
public record UserConfig(boolean ipv4, boolean ipv6, boolean restrict, int network, int mask, int host, int dns,
        int dhcpStart, Optional<String> hostname, Optional<String> domain, List<String> dnsSearch,
        Optional<Path> tftp, Optional<String> bootFile, Optional<String> tftpServer, List<Forward> forwards,
        Optional<InetSocketAddress> nameServer) {

    /** QEMU's 10.0.2.0/24. */
    public static final int DEFAULT_NETWORK = 0x0a000200;
    public static final int DEFAULT_MASK = 0xffffff00;
    /** fec0::/64, whose host 2 is the gateway and 3 the name server; host part 2 of fe80::/64 is the gateway too. */
    public static final long IPV6_PREFIX = 0xfec0_0000_0000_0000L;

    public UserConfig {
        dnsSearch = List.copyOf(dnsSearch);
        forwards = List.copyOf(forwards);
    }

    /**
     * A port of the host that leads to the guest.
     *
     * @param hostAddress  where to listen; empty for everywhere
     * @param guestAddress empty for the first that DHCP gives
     */
    public record Forward(boolean udp, Optional<InetAddress> hostAddress, int hostPort,
            Optional<InetAddress> guestAddress, int guestPort) {
    }

    /** The settings of {@code -netdev user} alone. */
    public static UserConfig defaults() {
        return new UserConfig(true, true, false, DEFAULT_NETWORK, DEFAULT_MASK, DEFAULT_NETWORK | 2,
                DEFAULT_NETWORK | 3, DEFAULT_NETWORK | 15, Optional.empty(), Optional.empty(), List.of(),
                Optional.empty(), Optional.empty(), Optional.empty(), List.of(), Optional.empty());
    }

    /** The same with these forwarded ports. */
    public UserConfig withForwards(List<Forward> ports) {
        return new UserConfig(ipv4, ipv6, restrict, network, mask, host, dns, dhcpStart, hostname, domain, dnsSearch,
                tftp, bootFile, tftpServer, ports, nameServer);
    }

    /** The same, with or without access to the outside. */
    public UserConfig withRestrict(boolean on) {
        return new UserConfig(ipv4, ipv6, on, network, mask, host, dns, dhcpStart, hostname, domain, dnsSearch, tftp,
                bootFile, tftpServer, forwards, nameServer);
    }

    /** The same with this name server in place of the host's. */
    public UserConfig withNameServer(InetSocketAddress server) {
        return new UserConfig(ipv4, ipv6, restrict, network, mask, host, dns, dhcpStart, hostname, domain, dnsSearch,
                tftp, bootFile, tftpServer, forwards, Optional.of(server));
    }

    /** The same with a folder to boot from. */
    public UserConfig withBoot(Path folder, String file) {
        return new UserConfig(ipv4, ipv6, restrict, network, mask, host, dns, dhcpStart, hostname, domain, dnsSearch,
                Optional.of(folder), Optional.of(file), tftpServer, forwards, nameServer);
    }
}
