package jkvm.host.usernet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Builds and parses Ethernet frames, with checksums computed in the plainest way. */
public final class Packets {
    public static final int ICMP = 1, TCP = 6, UDP = 17, ICMP6 = 58;
    private static final int IGMP = 2;
    static final byte[] GUEST_MAC = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
    static final byte[] GATEWAY_MAC = {0x52, 0x55, 0x0a, 0, 2, 2};

    private Packets() {
    }

    /** A frame's packet; {@code payload} begins with the transport's header. */
    public record Parsed(InetAddress source, InetAddress destination, int protocol, byte[] payload) {
        int sourcePort() {
            return ByteBuffer.wrap(payload).getShort(0) & 0xffff;
        }

        int destinationPort() {
            return ByteBuffer.wrap(payload).getShort(2) & 0xffff;
        }

        byte[] udpData() {
            return Arrays.copyOfRange(payload, 8, payload.length);
        }
    }

    public static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    public static byte[] ethernet(int type, byte[] payload) {
        return ByteBuffer.allocate(14 + payload.length).put(GATEWAY_MAC).put(GUEST_MAC).putShort((short) type)
                .put(payload).array();
    }

    static int type(byte[] frame) {
        return ByteBuffer.wrap(frame).getShort(12) & 0xffff;
    }

    static int checksum(byte[]... parts) {
        long sum = 0;
        for (byte[] part : parts) {
            for (int i = 0; i < part.length; i++) {
                sum += (part[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
            }
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) ~sum & 0xffff;
    }

    private static byte[] pseudo(InetAddress source, InetAddress destination, int protocol, int length) {
        return ByteBuffer.allocate(source.getAddress().length * 2 + 8).put(source.getAddress())
                .put(destination.getAddress()).putInt(length).putInt(protocol).array();
    }

    /** A whole frame; the transport's checksum is filled in. */
    public static byte[] ip(InetAddress source, InetAddress destination, int protocol, byte[] payload) {
        byte[] transport = payload.clone();
        int field = protocol == TCP ? 16 : protocol == UDP ? 6 : 2;
        byte[] pseudo = protocol == ICMP ? new byte[0] : pseudo(source, destination, protocol, payload.length);
        if (transport.length >= field + 2) {
            ByteBuffer.wrap(transport).putShort(field, (short) 0)
                    .putShort(field, (short) checksum(pseudo, transport));
        }
        return rawIp(source, destination, protocol, transport, 0x4000, 1);
    }

    /**
     * A frame whose payload is left as it is.
     *
     * @param fragment IPv4's flags and offset
     */
    static byte[] rawIp(InetAddress source, InetAddress destination, int protocol, byte[] payload, int fragment,
            int id) {
        if (source.getAddress().length == 16) {
            return ethernet(0x86dd, ByteBuffer.allocate(40 + payload.length).putInt(0x60000000)
                    .putShort((short) payload.length).put((byte) protocol).put((byte) 255).put(source.getAddress())
                    .put(destination.getAddress()).put(payload).array());
        }
        byte[] header = ByteBuffer.allocate(20).putShort((short) 0x4500).putShort((short) (20 + payload.length))
                .putShort((short) id).putShort((short) fragment).put((byte) 64).put((byte) protocol)
                .putShort((short) 0).put(source.getAddress()).put(destination.getAddress()).array();
        ByteBuffer.wrap(header).putShort(10, (short) checksum(header));
        return ethernet(0x0800, ByteBuffer.allocate(20 + payload.length).put(header).put(payload).array());
    }

    public static byte[] udp(int source, int destination, byte[] data) {
        return ByteBuffer.allocate(8 + data.length).putShort((short) source).putShort((short) destination)
                .putShort((short) (8 + data.length)).putShort((short) 0).put(data).array();
    }

    public static byte[] tcp(int source, int destination, int sequence, int acknowledgement, int flags, int window,
            byte[] options, byte[] data, int from, int length) {
        return ByteBuffer.allocate(20 + options.length + length).putShort((short) source)
                .putShort((short) destination).putInt(sequence).putInt(acknowledgement)
                .put((byte) ((20 + options.length) / 4 << 4)).put((byte) flags).putShort((short) window).putInt(0)
                .put(options).put(data, from, length).array();
    }

    /** Takes a frame of IP apart and fails if a length or checksum in it is wrong. */
    static Parsed parse(byte[] frame) {
        ByteBuffer data = ByteBuffer.wrap(frame);
        boolean v4 = type(frame) == 0x0800;
        int header = v4 ? (frame[14] & 15) * 4 : 40;
        int total = v4 ? data.getShort(16) & 0xffff : 40 + (data.getShort(18) & 0xffff);
        assertTrue(14 + total <= frame.length, "IP length");
        if (v4) {
            assertEquals(0, checksum(Arrays.copyOfRange(frame, 14, 14 + header)), "IP checksum");
        }
        int addresses = v4 ? 4 : 16;
        int at = v4 ? 26 : 22;
        byte[] payload = Arrays.copyOfRange(frame, 14 + header, 14 + total);
        try {
            Parsed parsed = new Parsed(InetAddress.getByAddress(Arrays.copyOfRange(frame, at, at + addresses)),
                    InetAddress.getByAddress(Arrays.copyOfRange(frame, at + addresses, at + 2 * addresses)),
                    frame[v4 ? 23 : 20] & 0xff, payload);
            boolean fragment = v4 ? (data.getShort(20) & 0x3fff) != 0 : parsed.protocol == 44;
            boolean options = parsed.protocol == 0;
            if (!fragment && !options) {
                byte[] pseudo = parsed.protocol == ICMP || parsed.protocol == IGMP ? new byte[0]
                        : pseudo(parsed.source, parsed.destination, parsed.protocol, payload.length);
                assertEquals(0, checksum(pseudo, payload), "checksum of protocol " + parsed.protocol);
            }
            return parsed;
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
