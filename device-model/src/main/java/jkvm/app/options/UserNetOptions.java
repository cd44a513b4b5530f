package jkvm.app.options;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.host.usernet.UserConfig;
import jkvm.host.usernet.UserConfig.Forward;

/** Reads the properties of a user network. */
final class UserNetOptions {
    private static final Pattern FORWARD =
            Pattern.compile("(tcp|udp|):([0-9.]*):([0-9]+)-([0-9.]*):([0-9]+)");
    /** QEMU's addresses in a network of 16 bits or more; a smaller one has their low bits. */
    private static final int HOST = 0x0202, DNS = 0x0203, DHCP_START = 0x020f;
    private static final int SMALLEST_NETWORK = 15;

    private final OptionValues values;

    UserNetOptions(OptionValues values) {
        this.values = values;
    }

    UserConfig read(List<String> forwards, List<String> dnsSearch) {
        for (String key : new String[] {"guestfwd", "smb", "smbserver"}) {
            values.refuse(key, "jkvm does not have it");
        }
        values.takeFixed("ipv6-net", "fec0::/64");
        values.takeFixed("ipv6-prefix", "fec0::");
        values.takeFixed("ipv6-prefixlen", "64");
        values.takeFixed("ipv6-host", "fec0::2");
        values.takeFixed("ipv6-dns", "fec0::3");
        // As in QEMU, one that is switched on by name switches the other off.
        Optional<Boolean> given4 = values.takeFlag("ipv4");
        Optional<Boolean> given6 = values.takeFlag("ipv6");
        boolean ipv4 = given4.orElse(!given6.orElse(false));
        boolean ipv6 = given6.orElse(!given4.orElse(false));
        if (!ipv4 && !ipv6) {
            throw values.error("ipv4=off and ipv6=off leave nothing");
        }
        boolean restrict = values.takeFlag("restrict", false);
        int[] network = network(values.take("net").orElse("10.0.2.0/24"));
        int host = inside("host", network, HOST);
        // A name server elsewhere is reached through the gateway, if that leads anywhere.
        int dns = restrict ? inside("dns", network, DNS) : address("dns", network, DNS);
        int dhcpStart = inside("dhcpstart", network, DHCP_START);
        if (host == dns || dhcpStart == host || dhcpStart == dns) {
            throw values.error("host, dns and dhcpstart must differ");
        }
        Optional<Path> tftp = values.take("tftp").map(this::folder);
        List<Forward> ports = forwards.stream().map(this::forward).toList();
        for (String domain : dnsSearch) {
            if (!domain.matches("([A-Za-z0-9_-]{1,63}\\.)*[A-Za-z0-9_-]{1,63}")) {
                throw values.error("property dnssearch is not a domain: " + domain);
            }
        }
        return new UserConfig(ipv4, ipv6, restrict, network[0], network[1], host, dns, dhcpStart, name("hostname"),
                name("domainname"), dnsSearch, tftp, name("bootfile"), name("tftp-server-name"), ports,
                Optional.empty());
    }

    private Optional<String> name(String key) {
        Optional<String> name = values.take(key);
        int limit = key.equals("bootfile") ? 127 : 255;
        if (name.isPresent() && name.get().length() > limit) {
            throw values.error("property " + key + " is longer than " + limit);
        }
        return name;
    }

    private Path folder(String text) {
        if (text.isEmpty()) {
            throw values.error("property tftp is empty; name a folder");
        }
        Path folder = ChardevOptions.path(values.where(), text);
        if (!Files.isDirectory(folder)) {
            throw values.error("property tftp: " + text + " is not a folder");
        }
        if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
            throw values.error("property tftp: " + text + ": permission denied; name a folder that you may read");
        }
        return folder;
    }

    /** @return address and mask */
    private int[] network(String text) {
        int slash = text.indexOf('/');
        int address = address("net", slash < 0 ? text : text.substring(0, slash));
        int mask;
        if (slash < 0) {
            mask = usualMask(address);
        } else if (text.substring(slash + 1).matches("[0-9]{1,2}")) {
            int bits = Integer.parseInt(text.substring(slash + 1));
            mask = bits < 4 || bits > 32 ? 0 : -1 << 32 - bits;
        } else {
            mask = address("net", text.substring(slash + 1));
        }
        boolean contiguous = (~mask & ~mask + 1) == 0;
        if (mask == 0 || !contiguous || ~mask <= SMALLEST_NETWORK) {
            throw values.error("property net: use a prefix from 4 to 27 bits, such as 10.0.2.0/24");
        }
        return new int[] {address & mask, mask};
    }

    /** As QEMU: by the old classes, and by what is known of private networks. */
    private static int usualMask(int address) {
        if (address >= 0) {
            return 0xff000000;
        }
        if ((address & 0xfff00000) == 0xac100000) {
            return 0xfff00000;
        }
        if (address >>> 30 == 2 || (address & 0xffff0000) == 0xc0a80000) {
            return 0xffff0000;
        }
        if ((address & 0xffff0000) == 0xc6120000) {
            return 0xfffe0000;
        }
        return 0xffffff00;
    }

    /** @param number of the host in its network, unless the user chooses another address */
    private int address(String key, int[] network, int number) {
        return values.take(key).map(text -> address(key, text)).orElse(network[0] | number & ~network[1]);
    }

    private int inside(String key, int[] network, int number) {
        int address = address(key, network, number);
        int hostPart = address & ~network[1];
        if ((address & network[1]) != network[0] || hostPart == 0 || hostPart == ~network[1]) {
            throw values.error("property " + key + " is not within the network");
        }
        return address;
    }

    private int address(String key, String text) {
        return inet(key, text).map(address -> ByteBuffer.wrap(address.getAddress()).getInt()).orElseThrow(
                () -> values.error("property " + key + " is empty"));
    }

    /** An IPv4 address in full; empty for an empty text. */
    private Optional<InetAddress> inet(String key, String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            if (text.matches("([0-9]{1,3}\\.){3}[0-9]{1,3}")) {
                return Optional.of(InetAddress.getByName(text));
            }
        } catch (UnknownHostException _) {
            // Refused below like any other text that is no address.
        }
        throw values.error("property " + key + " is not an IPv4 address: " + text);
    }

    private Forward forward(String text) {
        Matcher parts = FORWARD.matcher(text);
        if (!parts.matches()) {
            throw values.error("property hostfwd is not PROTOCOL:[HOST]:PORT-[GUEST]:PORT: " + text
                    + "; write for instance tcp::2222-:22");
        }
        String where = "hostfwd=" + text + ": ";
        return new Forward(parts.group(1).equals("udp"), inet("hostfwd", parts.group(2)),
                NetOptions.port(values, where, parts.group(3), 0), inet("hostfwd", parts.group(4)),
                NetOptions.port(values, where, parts.group(5), 1));
    }
}
