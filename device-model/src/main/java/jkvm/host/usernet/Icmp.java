package jkvm.host.usernet;

import jkvm.host.net.InternetChecksum;

/** ICMP (RFC 792): the gateway and the name server answer echo. Other hosts cannot be asked without privilege. */
final class Icmp {
    private static final int HEADER = 8, ECHO = 8, ECHO_REPLY = 0, UNREACHABLE = 3, PROHIBITED = 13;

    private final UserConfig config;
    private final HostAddresses addresses;
    private final IpSender sender;
    private long malformed;

    Icmp(UserConfig config, HostAddresses addresses, IpSender sender) {
        this.config = config;
        this.addresses = addresses;
        this.sender = sender;
    }

    long malformed() {
        return malformed;
    }

    void receive(Packet packet) {
        boolean right = packet.length >= HEADER && (packet.trusted
                || InternetChecksum.fold(InternetChecksum.add(0, packet.data, packet.start, packet.length)) == 0xffff);
        if (!right) {
            malformed++;
            return;
        }
        if (packet.data.get(packet.start) != ECHO || !addresses.isGuest(packet.srcHi, packet.srcLo)) {
            return;
        }
        if (addresses.isGateway(packet.dstHi, packet.dstLo) || addresses.isNameServer(packet.dstHi, packet.dstLo)) {
            int at = sender.begin(packet.dstHi, packet.dstLo, packet.srcHi, packet.srcLo);
            sender.data().put(at, packet.data, packet.start, packet.length);
            sender.data().put(at, (byte) ECHO_REPLY);
            sender.sendIcmp(packet.length, 64);
        } else if (!addresses.isInside(packet.dstHi, packet.dstLo) && (int) packet.dstLo >>> 28 < 0xe) {
            prohibited(packet);
        }
    }

    /** Says so rather than to leave the user wait: with the IP header and eight bytes, as they were. */
    private void prohibited(Packet packet) {
        int at = sender.begin(0, IpAddress.v4(config.host()), packet.srcHi, packet.srcLo);
        sender.data().put(at, (byte) UNREACHABLE).put(at + 1, (byte) PROHIBITED).putInt(at + 4, 0);
        int header = at + HEADER;
        sender.data().putShort(header, (short) 0x4500).putShort(header + 2, (short) (20 + packet.length))
                .putInt(header + 4, 0).put(header + 8, (byte) 64).put(header + 9, (byte) Packet.ICMP)
                .putShort(header + 10, (short) 0).putInt(header + 12, (int) packet.srcLo)
                .putInt(header + 16, (int) packet.dstLo);
        sender.data().putShort(header + 10,
                (short) InternetChecksum.finish(InternetChecksum.add(0, sender.data(), header, 20)));
        sender.data().put(header + 20, packet.data, packet.start, 8);
        sender.sendIcmp(HEADER + 28, 64);
    }
}
