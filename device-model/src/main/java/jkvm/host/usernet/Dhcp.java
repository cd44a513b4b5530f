package jkvm.host.usernet;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Gives the guest's NICs their addresses: DHCP (RFC 2131, 2132) and BOOTP (RFC 951). */
final class Dhcp {
    static final int MAX_LEASES = 16;
    private static final int HEADER = 236, COOKIE = 0x63825363, MIN_REPLY = 300;
    private static final int CLIENT_PORT = 68;
    private static final int REQUEST_OP = 1, REPLY_OP = 2;
    private static final int DISCOVER = 1, OFFER = 2, REQUEST = 3, DECLINE = 4;
    private static final int ACK = 5, NAK = 6, RELEASE = 7, INFORM = 8;
    private static final int LEASE_SECONDS = 86400;
    private static final int MAX_NAME = 255;

    private final UserConfig config;
    private final HostAddresses addresses;
    private final IpSender sender;
    private final Neighbours neighbours;
    private final long[] owners = new long[MAX_LEASES];
    private long malformed;

    Dhcp(UserConfig config, HostAddresses addresses, IpSender sender, Neighbours neighbours) {
        this.config = config;
        this.addresses = addresses;
        this.sender = sender;
        this.neighbours = neighbours;
        Arrays.fill(owners, -1);
    }

    long malformed() {
        return malformed;
    }

    /** The request in a message. */
    private record Question(int type, int address, int server) {
    }

    /** @param mac that the message came from */
    void receive(Packet packet, int start, int length, long mac) {
        ByteBuffer data = packet.data;
        if (length < HEADER || data.get(start) != REQUEST_OP || data.get(start + 1) != 1 || data.get(start + 2) != 6) {
            malformed++;
            return;
        }
        long client = IpSender.getMac(data, start + 28);
        boolean dhcp = length >= HEADER + 4 && data.getInt(start + HEADER) == COOKIE;
        Question question = dhcp ? options(data, start + HEADER + 4, start + length) : new Question(0, 0, 0);
        boolean forOther = question.server != 0 && question.server != config.host();
        if (question.type == RELEASE || question.type == DECLINE || forOther) {
            return;
        }
        int transaction = data.getInt(start + 4);
        int clientAddress = data.getInt(start + 12);
        if (question.type == INFORM) {
            reply(transaction, client, mac, ACK, clientAddress, true);
            return;
        }
        int index = lease(client);
        if (index < 0) {
            return;
        }
        int address = config.dhcpStart() + index;
        int wanted = question.address != 0 ? question.address : clientAddress;
        if (question.type == REQUEST && wanted != address) {
            reply(transaction, client, mac, NAK, 0, false);
        } else {
            int type = question.type == DISCOVER ? OFFER : question.type == REQUEST ? ACK : 0;
            neighbours.learn(0, IpAddress.v4(address), client);
            reply(transaction, client, mac, type, address, false);
        }
    }

    private static Question options(ByteBuffer data, int from, int end) {
        int type = 0;
        int address = 0;
        int server = 0;
        for (int at = from; at < end && data.get(at) != -1;) {
            if (data.get(at) == 0) {
                at++;
                continue;
            }
            int size = at + 1 < end ? data.get(at + 1) & 0xff : 0;
            if (at + 2 + size > end) {
                break;
            }
            switch (data.get(at)) {
                case 50 -> address = size == 4 ? data.getInt(at + 2) : 0;
                case 53 -> type = size == 1 ? data.get(at + 2) : 0;
                case 54 -> server = size == 4 ? data.getInt(at + 2) : 0;
                default -> { }
            }
            at += 2 + size;
        }
        return new Question(type, address, server);
    }

    private int lease(long client) {
        int free = -1;
        for (int i = MAX_LEASES - 1; i >= 0; i--) {
            if (owners[i] == client) {
                return i;
            }
            boolean usable = addresses.isGuest(0, IpAddress.v4(config.dhcpStart() + i));
            free = owners[i] == -1 && usable ? i : free;
        }
        if (free >= 0) {
            owners[free] = client;
        }
        return free;
    }

    /** @param type 0 for BOOTP */
    private void reply(int transaction, long client, long mac, int type, int address, boolean inform) {
        int start = sender.begin(0, IpAddress.v4(config.host()), 0, IpAddress.v4(inform ? address : -1));
        // By Ethernet to the one that asked, by IP to all, as it has no address yet.
        sender.toMac(mac);
        ByteBuffer data = sender.data();
        int at = start + 8;
        for (int i = 0; i < HEADER; i += 4) {
            data.putInt(at + i, 0);
        }
        data.put(at, (byte) REPLY_OP).put(at + 1, (byte) 1).put(at + 2, (byte) 6).putInt(at + 4, transaction)
                .putInt(at + 16, inform ? 0 : address).putInt(at + 20, type == NAK ? 0 : config.host());
        IpSender.putMac(data, at + 28, client);
        if (type != NAK) {
            byte[] file = ascii(config.bootFile(), 127);
            data.put(at + 108, file);
        }
        data.position(at + HEADER);
        putOptions(data, type, inform);
        int length = data.position() - at;
        while (length < MIN_REPLY) {
            data.put((byte) 0);
            length++;
        }
        data.clear();
        sender.sendUdp(UdpNat.DHCP_SERVER, CLIENT_PORT, length);
    }

    private void putOptions(ByteBuffer data, int type, boolean inform) {
        data.putInt(COOKIE);
        if (type != 0) {
            data.put((byte) 53).put((byte) 1).put((byte) type);
            putInt(data, 54, config.host());
        }
        if (type != NAK) {
            putInt(data, 1, config.mask());
            if (!config.restrict()) {
                putInt(data, 3, config.host());
                putInt(data, 6, config.dns());
            }
            if (!inform && type != 0) {
                putInt(data, 51, LEASE_SECONDS);
            }
            putText(data, 12, ascii(config.hostname(), MAX_NAME));
            putText(data, 15, ascii(config.domain(), MAX_NAME));
            putText(data, 66, ascii(config.tftpServer(), MAX_NAME));
            putText(data, 67, ascii(config.bootFile(), 127));
            putSearch(data);
        }
        data.put((byte) 255);
    }

    private static void putInt(ByteBuffer data, int option, int value) {
        data.put((byte) option).put((byte) 4).putInt(value);
    }

    private static void putText(ByteBuffer data, int option, byte[] text) {
        if (text.length > 0) {
            data.put((byte) option).put((byte) text.length).put(text);
        }
    }

    /** RFC 3397, without its compression; domains that do not fit are left out. */
    private void putSearch(ByteBuffer data) {
        ByteBuffer list = ByteBuffer.allocate(MAX_NAME);
        for (String domain : config.dnsSearch()) {
            if (domain.length() + 2 > list.remaining()) {
                break;
            }
            for (String label : domain.split("\\.")) {
                list.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
            }
            list.put((byte) 0);
        }
        putText(data, 119, Arrays.copyOf(list.array(), list.position()));
    }

    private static byte[] ascii(Optional<String> text, int limit) {
        byte[] bytes = text.orElse("").getBytes(StandardCharsets.UTF_8);
        return bytes.length > limit ? Arrays.copyOf(bytes, limit) : bytes;
    }
}
