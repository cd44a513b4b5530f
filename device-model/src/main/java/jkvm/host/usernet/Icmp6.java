package jkvm.host.usernet;

import java.nio.ByteBuffer;

/** ICMPv6 echo (RFC 4443), router advertisement and neighbour discovery (RFC 4861), name server by RFC 8106. */
final class Icmp6 {
    private static final int ECHO = 128, ECHO_REPLY = 129, SOLICIT_ROUTER = 133, ADVERTISE_ROUTER = 134;
    private static final int SOLICIT_NEIGHBOUR = 135, ADVERTISE_NEIGHBOUR = 136;
    private static final int SOURCE_OPTION = 1, TARGET_OPTION = 2;
    private static final long LINK_LOCAL = 0xfe80_0000_0000_0000L;
    private static final long MULTICAST = 0xff02_0000_0000_0000L, SOLICITED_NODE = 0x1_ff00_0000L;
    private static final int ROUTER_SECONDS = 1800, PREFIX_SECONDS = 86400, PREFERRED_SECONDS = 14400;

    private final UserConfig config;
    private final HostAddresses addresses;
    private final IpSender sender;
    private final Neighbours neighbours;
    private long malformed;

    Icmp6(UserConfig config, HostAddresses addresses, IpSender sender, Neighbours neighbours) {
        this.config = config;
        this.addresses = addresses;
        this.sender = sender;
        this.neighbours = neighbours;
    }

    long malformed() {
        return malformed;
    }

    /** @param mac the Ethernet address that the packet came from */
    void receive(Packet packet, int hopLimit, long mac) {
        if (packet.length < 8 || !packet.isChecksumRight()) {
            malformed++;
            return;
        }
        int type = packet.data.get(packet.start) & 0xff;
        boolean ours = addresses.isGateway(packet.dstHi, packet.dstLo)
                || addresses.isNameServer(packet.dstHi, packet.dstLo);
        if (type == ECHO && ours) {
            int at = sender.begin(packet.dstHi, packet.dstLo, packet.srcHi, packet.srcLo);
            sender.data().put(at, packet.data, packet.start, packet.length);
            sender.data().put(at, (byte) ECHO_REPLY);
            sender.sendIcmp(packet.length, 64);
        } else if (type == SOLICIT_ROUTER && hopLimit == 255) {
            advertiseRouter();
        } else if (type == SOLICIT_NEIGHBOUR && hopLimit == 255 && packet.length >= 24) {
            solicited(packet, mac);
        } else if (type == ADVERTISE_NEIGHBOUR && hopLimit == 255 && packet.length >= 24) {
            long hi = packet.data.getLong(packet.start + 8);
            long lo = packet.data.getLong(packet.start + 16);
            if (addresses.isGuest(hi, lo)) {
                neighbours.learn(hi, lo, mac);
            }
        }
    }

    private void advertiseRouter() {
        int at = sender.begin(LINK_LOCAL, 2, MULTICAST, 1);
        sender.toMac(0x3333_0000_0001L);
        ByteBuffer data = sender.data();
        int lifetime = config.restrict() ? 0 : ROUTER_SECONDS;
        data.put(at, (byte) ADVERTISE_ROUTER).put(at + 1, (byte) 0).put(at + 4, (byte) 64).put(at + 5, (byte) 0)
                .putShort(at + 6, (short) lifetime).putLong(at + 8, 0);
        int option = at + 16;
        putLinkAddress(data, option, SOURCE_OPTION);
        option += 8;
        // On-link and autonomous, so that the guest makes its own address.
        data.putInt(option, 0x0304_40c0).putInt(option + 4, PREFIX_SECONDS).putInt(option + 8, PREFERRED_SECONDS)
                .putInt(option + 12, 0).putLong(option + 16, UserConfig.IPV6_PREFIX).putLong(option + 24, 0);
        option += 32;
        data.putInt(option, 0x1903_0000).putInt(option + 4, ROUTER_SECONDS)
                .putLong(option + 8, UserConfig.IPV6_PREFIX).putLong(option + 16, 3);
        sender.sendIcmp(option + 24 - at, 255);
    }

    private static void putLinkAddress(ByteBuffer data, int at, int option) {
        data.put(at, (byte) option).put(at + 1, (byte) 1);
        IpSender.putMac(data, at + 2, IpSender.GATEWAY_MAC);
    }

    private void solicited(Packet packet, long mac) {
        long hi = packet.data.getLong(packet.start + 8);
        long lo = packet.data.getLong(packet.start + 16);
        boolean ours = addresses.isGateway(hi, lo) || addresses.isNameServer(hi, lo);
        // The guest that looks whether its own address is free asks without one.
        boolean fromGuest = addresses.isGuest(packet.srcHi, packet.srcLo);
        if (fromGuest) {
            neighbours.learn(packet.srcHi, packet.srcLo, mac);
        }
        if (!ours || !fromGuest) {
            return;
        }
        int at = sender.begin(hi, lo, packet.srcHi, packet.srcLo);
        sender.toMac(mac);
        ByteBuffer data = sender.data();
        // Router, solicited, override.
        data.put(at, (byte) ADVERTISE_NEIGHBOUR).put(at + 1, (byte) 0).putInt(at + 4, 0xe000_0000)
                .putLong(at + 8, hi).putLong(at + 16, lo);
        putLinkAddress(data, at + 24, TARGET_OPTION);
        sender.sendIcmp(32, 255);
    }

    /** Asks who has an address. */
    void ask(long hi, long lo) {
        int at = sender.begin(hi == LINK_LOCAL ? LINK_LOCAL : UserConfig.IPV6_PREFIX, 2, MULTICAST,
                SOLICITED_NODE | lo & 0xff_ffffL);
        sender.toMac(0x3333_ff00_0000L | lo & 0xff_ffffL);
        ByteBuffer data = sender.data();
        data.put(at, (byte) SOLICIT_NEIGHBOUR).put(at + 1, (byte) 0).putInt(at + 4, 0).putLong(at + 8, hi)
                .putLong(at + 16, lo);
        putLinkAddress(data, at + 24, SOURCE_OPTION);
        sender.sendIcmp(32, 255);
    }
}
