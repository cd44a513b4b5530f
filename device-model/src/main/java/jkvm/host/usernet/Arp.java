package jkvm.host.usernet;

import java.nio.ByteBuffer;
import jkvm.host.net.NetFrame;

/** ARP for IPv4 over Ethernet (RFC 826): the gateway and the name server have the gateway's address. */
final class Arp {
    private static final int LENGTH = 28;
    private static final int REQUEST = 1, REPLY = 2;

    private final UserConfig config;
    private final HostAddresses addresses;
    private final GuestLink link;
    private final Neighbours neighbours;

    Arp(UserConfig config, HostAddresses addresses, GuestLink link, Neighbours neighbours) {
        this.config = config;
        this.addresses = addresses;
        this.link = link;
        this.neighbours = neighbours;
    }

    void receive(ByteBuffer data, int start, int length) {
        if (length < LENGTH || data.getInt(start) != 0x0001_0800 || data.getShort(start + 4) != 0x0604) {
            return;
        }
        int operation = data.getShort(start + 6);
        long senderMac = IpSender.getMac(data, start + 8);
        int senderIp = data.getInt(start + 14);
        int targetIp = data.getInt(start + 24);
        if (addresses.isGuest(0, IpAddress.v4(senderIp))) {
            neighbours.learn(0, IpAddress.v4(senderIp), senderMac);
        }
        if (operation == REQUEST && (targetIp == config.host() || targetIp == config.dns())) {
            send(REPLY, targetIp, senderMac, senderIp, senderMac);
        }
    }

    /** Asks who has an address. */
    void ask(long lo) {
        send(REQUEST, config.host(), 0, (int) lo, IpSender.BROADCAST_MAC);
    }

    private void send(int operation, int ourIp, long mac, int ip, long destination) {
        NetFrame frame = link.frame();
        ByteBuffer data = frame.data();
        frame.clearOffload();
        IpSender.putEthernet(data, destination, IpSender.TYPE_ARP);
        int at = IpSender.ETHERNET_HEADER;
        data.putInt(at, 0x0001_0800).putShort(at + 4, (short) 0x0604).putShort(at + 6, (short) operation)
                .putInt(at + 14, ourIp).putInt(at + 24, ip);
        IpSender.putMac(data, at + 8, IpSender.GATEWAY_MAC);
        IpSender.putMac(data, at + 18, mac);
        frame.setLength(at + LENGTH);
        link.send();
    }
}
