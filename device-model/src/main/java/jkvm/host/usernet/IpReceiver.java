package jkvm.host.usernet;

import java.nio.ByteBuffer;
import jkvm.host.net.InternetChecksum;
import jkvm.host.net.NetFrame;

/** Takes the guest's frames apart and hands each packet to its protocol; what is malformed is dropped and counted. */
final class IpReceiver {
    private static final int MAX_EXTENSIONS = 8;
    private static final int HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION = 60;
    private static final int MORE_FRAGMENTS_BIT = 0x2000, OFFSET_MASK = 0x1fff;

    private final UserConfig config;
    private final HostAddresses addresses;
    private final Neighbours neighbours;
    private final Arp arp;
    private final Icmp icmp;
    private final Icmp6 icmp6;
    private final UdpNat udp;
    private final TcpNat tcp;
    private final Reassembler reassembler = new Reassembler();
    private final Packet packet = new Packet();
    private long mac;
    private int hopLimit;
    private long now;
    private long malformed;

    IpReceiver(UserConfig config, HostAddresses addresses, Neighbours neighbours, Arp arp, Icmp icmp, Icmp6 icmp6,
            UdpNat udp, TcpNat tcp) {
        this.config = config;
        this.addresses = addresses;
        this.neighbours = neighbours;
        this.arp = arp;
        this.icmp = icmp;
        this.icmp6 = icmp6;
        this.udp = udp;
        this.tcp = tcp;
    }

    long malformed() {
        return malformed + reassembler.dropped();
    }

    int reassembling() {
        return reassembler.size();
    }

    void receive(NetFrame frame, long nanos) {
        if (frame.length() < IpSender.ETHERNET_HEADER) {
            malformed++;
            return;
        }
        now = nanos;
        ByteBuffer data = frame.data();
        mac = IpSender.getMac(data, 6);
        int start = IpSender.ETHERNET_HEADER;
        int length = frame.length() - start;
        packet.data = data;
        packet.trusted = frame.needsChecksum() || frame.isChecksumValid();
        switch (data.getShort(12) & 0xffff) {
            case IpSender.TYPE_ARP -> {
                if (config.ipv4()) {
                    arp.receive(data, start, length);
                }
            }
            case IpSender.TYPE_IPV4 -> {
                if (config.ipv4()) {
                    receiveV4(data, start, length);
                }
            }
            case IpSender.TYPE_IPV6 -> {
                if (config.ipv6()) {
                    receiveV6(data, start, length);
                }
            }
            default -> { }
        }
    }

    private void receiveV4(ByteBuffer data, int start, int length) {
        int header = length < IpSender.V4_HEADER ? 0 : (data.get(start) & 15) * 4;
        int total = length < IpSender.V4_HEADER ? 0 : data.getShort(start + 2) & 0xffff;
        if (header < IpSender.V4_HEADER || data.get(start) >> 4 != 4 || total < header || total > length
                || InternetChecksum.fold(InternetChecksum.add(0, data, start, header)) != 0xffff) {
            malformed++;
            return;
        }
        packet.start = start + header;
        packet.length = total - header;
        packet.protocol = data.get(start + 9) & 0xff;
        packet.srcHi = 0;
        packet.srcLo = IpAddress.v4(data.getInt(start + 12));
        packet.dstHi = 0;
        packet.dstLo = IpAddress.v4(data.getInt(start + 16));
        hopLimit = data.get(start + 8) & 0xff;
        int fragment = data.getShort(start + 6);
        boolean more = (fragment & MORE_FRAGMENTS_BIT) != 0;
        int offset = (fragment & OFFSET_MASK) * 8;
        if ((more || offset > 0) && !reassembler.add(packet, data.getShort(start + 4) & 0xffff, offset, more, now)) {
            return;
        }
        dispatch();
    }

    private void receiveV6(ByteBuffer data, int start, int length) {
        int payload = length < IpSender.V6_HEADER ? -1 : data.getShort(start + 4) & 0xffff;
        if (payload < 0 || payload > length - IpSender.V6_HEADER || (data.get(start) >> 4 & 15) != 6) {
            malformed++;
            return;
        }
        packet.srcHi = data.getLong(start + 8);
        packet.srcLo = data.getLong(start + 16);
        packet.dstHi = data.getLong(start + 24);
        packet.dstLo = data.getLong(start + 32);
        if (IpAddress.isV4(packet.srcHi, packet.srcLo) || IpAddress.isV4(packet.dstHi, packet.dstLo)) {
            // IPv4's own addresses here; they are not allowed on the wire (RFC 4291, section 2.5.5.2).
            malformed++;
            return;
        }
        hopLimit = data.get(start + 7) & 0xff;
        packet.protocol = data.get(start + 6) & 0xff;
        packet.start = start + IpSender.V6_HEADER;
        packet.length = payload;
        if (skipExtensions()) {
            dispatch();
        }
    }

    /**
     * Passes over extension headers.
     *
     * @return true if the packet is whole
     */
    private boolean skipExtensions() {
        for (int count = 0; count < MAX_EXTENSIONS; count++) {
            int type = packet.protocol;
            if (type != HOP_BY_HOP && type != ROUTING && type != DESTINATION && type != FRAGMENT) {
                return true;
            }
            ByteBuffer data = packet.data;
            int at = packet.start;
            int size = packet.length < 8 ? 8 : type == FRAGMENT ? 8 : 8 + (data.get(at + 1) & 0xff) * 8;
            if (size > packet.length) {
                break;
            }
            packet.protocol = data.get(at) & 0xff;
            packet.start += size;
            packet.length -= size;
            if (type == FRAGMENT) {
                int field = data.getShort(at + 2) & 0xffff;
                boolean more = (field & 1) != 0;
                boolean whole = field == 0;
                if (!whole && !reassembler.add(packet, data.getInt(at + 4), field & ~7, more, now)) {
                    return false;
                }
            }
        }
        malformed++;
        return false;
    }

    private void dispatch() {
        boolean fromGuest = addresses.isGuest(packet.srcHi, packet.srcLo);
        if (fromGuest) {
            neighbours.learn(packet.srcHi, packet.srcLo, mac);
        }
        switch (packet.protocol) {
            case Packet.TCP -> {
                if (fromGuest) {
                    tcp.receive(packet);
                }
            }
            case Packet.UDP -> udp.receive(packet, mac);
            case Packet.ICMP -> {
                if (packet.isV4()) {
                    icmp.receive(packet);
                }
            }
            case Packet.ICMP6 -> {
                if (!packet.isV4()) {
                    icmp6.receive(packet, hopLimit, mac);
                }
            }
            default -> { }
        }
    }
}
