package jkvm.host.usernet;

import java.nio.ByteBuffer;
import jkvm.host.net.InternetChecksum;
import jkvm.host.net.NetFrame;
import jkvm.host.net.NetOffload;

/** Builds packets for the guest: a protocol begins one, writes its part at the offset that it gets, and sends. */
final class IpSender {
    /** 52:55 and QEMU's gateway address. */
    static final long GATEWAY_MAC = 0x5255_0a00_0202L;
    static final long BROADCAST_MAC = 0xffff_ffff_ffffL;
    static final int ETHERNET_HEADER = 14;
    static final int TYPE_IPV4 = 0x0800, TYPE_ARP = 0x0806, TYPE_IPV6 = 0x86dd;
    static final int V4_HEADER = 20, V6_HEADER = 40;
    static final int MTU = 1500;
    private static final int V6_FRAGMENT_HEADER = 8, NEXT_FRAGMENT = 44;
    private static final int MORE_FRAGMENTS_BIT = 0x2000, DONT_FRAGMENT_BIT = 0x4000;

    private final GuestLink link;
    private final Neighbours neighbours;
    private final NetFrame whole = new NetFrame();
    private Resolver resolver;
    private long srcHi;
    private long srcLo;
    private long dstHi;
    private long dstLo;
    private long fixedMac;
    private boolean v4;
    private int identification = 1;

    /** Asks the guest for the Ethernet address of one of its addresses. */
    interface Resolver {
        void ask(long hi, long lo);
    }

    IpSender(GuestLink link, Neighbours neighbours) {
        this.link = link;
        this.neighbours = neighbours;
    }

    void setResolver(Resolver asker) {
        resolver = asker;
    }

    /** The packet under construction; big-endian. */
    ByteBuffer data() {
        return link.frame().data();
    }

    /**
     * Begins a packet.
     *
     * @return where its payload goes in {@link #data()}
     */
    int begin(long fromHi, long fromLo, long toHi, long toLo) {
        srcHi = fromHi;
        srcLo = fromLo;
        dstHi = toHi;
        dstLo = toLo;
        fixedMac = -1;
        v4 = IpAddress.isV4(toHi, toLo);
        link.frame().clearOffload();
        return ETHERNET_HEADER + (v4 ? V4_HEADER : V6_HEADER);
    }

    /** The Ethernet address for the packet that was begun, if it is not to be looked up. */
    void toMac(long mac) {
        fixedMac = mac;
    }

    int payloadStart() {
        return ETHERNET_HEADER + (v4 ? V4_HEADER : V6_HEADER);
    }

    /** Sends a TCP packet; above one segment's size the guest's side segments it. */
    void sendTcp(int length, int gsoSize, int headerLength) {
        int start = payloadStart();
        NetFrame frame = link.frame();
        boolean offload = (link.offloads() & NetOffload.CHECKSUM) != 0;
        if (gsoSize > 0) {
            frame.setGso(v4 ? NetFrame.GSO_TCPV4 : NetFrame.GSO_TCPV6, gsoSize, start + headerLength);
        }
        long sum = IpAddress.pseudoHeader(srcHi, srcLo, dstHi, dstLo, Packet.TCP, length);
        if (offload || gsoSize > 0) {
            data().putShort(start + 16, (short) InternetChecksum.fold(sum));
            frame.setChecksum(start, 16);
        } else {
            data().putShort(start + 16, (short) 0);
            data().putShort(start + 16, (short) InternetChecksum.finish(
                    InternetChecksum.add(sum, data(), start, length)));
        }
        send(Packet.TCP, length, 64);
    }

    /** Writes a UDP header in front of {@code length} bytes of payload, and sends. */
    void sendUdp(int sourcePort, int destinationPort, int length) {
        int start = payloadStart();
        int total = length + 8;
        data().putShort(start, (short) sourcePort).putShort(start + 2, (short) destinationPort)
                .putShort(start + 4, (short) total).putShort(start + 6, (short) 0);
        long sum = IpAddress.pseudoHeader(srcHi, srcLo, dstHi, dstLo, Packet.UDP, total);
        data().putShort(start + 6,
                (short) InternetChecksum.finishNonZero(InternetChecksum.add(sum, data(), start, total)));
        send(Packet.UDP, total, 64);
    }

    /** Completes an ICMP or ICMPv6 message, and sends. */
    void sendIcmp(int length, int hopLimit) {
        int start = payloadStart();
        int protocol = v4 ? Packet.ICMP : Packet.ICMP6;
        long sum = v4 ? 0 : IpAddress.pseudoHeader(srcHi, srcLo, dstHi, dstLo, protocol, length);
        data().putShort(start + 2, (short) 0);
        data().putShort(start + 2,
                (short) InternetChecksum.finish(InternetChecksum.add(sum, data(), start, length)));
        send(protocol, length, hopLimit);
    }

    private void send(int protocol, int length, int hopLimit) {
        long mac = fixedMac >= 0 ? fixedMac : neighbours.find(dstHi, dstLo);
        if (mac < 0) {
            // The packet is lost, as on any network; the transport sends it again.
            resolver.ask(dstHi, dstLo);
            return;
        }
        NetFrame frame = link.frame();
        putEthernet(data(), mac, v4 ? TYPE_IPV4 : TYPE_IPV6);
        int header = v4 ? V4_HEADER : V6_HEADER;
        if (header + length > MTU && protocol != Packet.TCP) {
            sendFragments(mac, protocol, length, hopLimit);
            return;
        }
        if (v4) {
            putV4(length, protocol, DONT_FRAGMENT_BIT, hopLimit);
        } else {
            putV6(length, protocol, hopLimit);
        }
        frame.setLength(ETHERNET_HEADER + header + length);
        // Its checksums were made here: the card need not go over them once more.
        frame.setChecksumValid(!frame.needsChecksum());
        link.send();
    }

    private void sendFragments(long mac, int protocol, int length, int hopLimit) {
        NetFrame frame = link.frame();
        int start = payloadStart();
        frame.setLength(start + length);
        whole.copyFrom(frame);
        int extra = v4 ? 0 : V6_FRAGMENT_HEADER;
        int step = MTU - (start - ETHERNET_HEADER) - extra & ~7;
        int id = identification++;
        for (int at = 0; at < length; at += step) {
            int size = Math.min(step, length - at);
            boolean more = at + size < length;
            if (v4) {
                identification = id;
                putV4(size, protocol, at / 8 | (more ? MORE_FRAGMENTS_BIT : 0), hopLimit);
            } else {
                putV6(size + extra, NEXT_FRAGMENT, hopLimit);
                data().put(start, (byte) protocol).put(start + 1, (byte) 0)
                        .putShort(start + 2, (short) (at | (more ? 1 : 0))).putInt(start + 4, id);
            }
            data().put(start + extra, whole.data(), start + at, size);
            frame.setLength(start + extra + size);
            // The card may have changed what it has taken.
            putEthernet(data(), mac, v4 ? TYPE_IPV4 : TYPE_IPV6);
            link.send();
        }
        identification = id + 1;
    }

    static void putEthernet(ByteBuffer data, long destination, int type) {
        putMac(data, 0, destination);
        putMac(data, 6, GATEWAY_MAC);
        data.putShort(12, (short) type);
    }

    static void putMac(ByteBuffer data, int offset, long mac) {
        data.putShort(offset, (short) (mac >>> 32));
        data.putInt(offset + 2, (int) mac);
    }

    static long getMac(ByteBuffer data, int offset) {
        return (data.getShort(offset) & 0xffffL) << 32 | data.getInt(offset + 2) & 0xffff_ffffL;
    }

    private void putV4(int length, int protocol, int fragment, int hopLimit) {
        ByteBuffer data = data();
        int at = ETHERNET_HEADER;
        data.putShort(at, (short) 0x4500).putShort(at + 2, (short) (V4_HEADER + length))
                .putShort(at + 4, (short) identification++).putShort(at + 6, (short) fragment)
                .put(at + 8, (byte) hopLimit).put(at + 9, (byte) protocol).putShort(at + 10, (short) 0)
                .putInt(at + 12, (int) srcLo).putInt(at + 16, (int) dstLo);
        data.putShort(at + 10, (short) InternetChecksum.finish(InternetChecksum.add(0, data, at, V4_HEADER)));
    }

    private void putV6(int length, int protocol, int hopLimit) {
        int at = ETHERNET_HEADER;
        data().putInt(at, 0x6000_0000).putShort(at + 4, (short) length).put(at + 6, (byte) protocol)
                .put(at + 7, (byte) hopLimit).putLong(at + 8, srcHi).putLong(at + 16, srcLo)
                .putLong(at + 24, dstHi).putLong(at + 32, dstLo);
    }
}
