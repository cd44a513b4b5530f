package jkvm.host.usernet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Frames that a hostile guest could send: each is dropped, and the network still serves others. */
@Timeout(60)
class HostileNetTest {
    private UserBackend backend;
    private NetGuest guest;

    @BeforeEach
    void begin() {
        backend = new UserBackend(UserConfig.defaults(), Workers.onThreads());
        guest = new NetGuest(backend);
    }

    @AfterEach
    void end() {
        assertAlive();
        guest.close();
        assertEquals(0, backend.statistics().failures());
    }

    /** The gateway answers an echo with just this number. */
    private void assertAlive() {
        byte[] echo = ByteBuffer.allocate(32).putInt(0x0800_0000).putInt(0x4a4b_564d).array();
        guest.send(Packets.ip(NetGuest.IP, NetGuest.GATEWAY, Packets.ICMP, echo));
        assertTrue(guest.awaitPacket(10_000, packet -> packet.protocol() == Packets.ICMP
                && ByteBuffer.wrap(packet.payload()).getInt(4) == 0x4a4b_564d).isPresent());
    }

    private long malformed() {
        assertAlive();
        return backend.statistics().malformed();
    }

    private static byte[] edited(byte[] frame, int offset, int value) {
        byte[] copy = frame.clone();
        copy[offset] = (byte) value;
        return copy;
    }

    /** With the IPv4 header's checksum made right again. */
    private static byte[] repaired(byte[] frame) {
        ByteBuffer data = ByteBuffer.wrap(frame).putShort(24, (short) 0);
        data.putShort(24, (short) Packets.checksum(Arrays.copyOfRange(frame, 14, 34)));
        return frame;
    }

    @Test
    @DisplayName("IPv4 header or total length that does not fit the frame is dropped")
    void shouldDropWrongIpLengths() {
        byte[] good = Packets.ip(NetGuest.IP, NetGuest.GATEWAY, Packets.UDP, Packets.udp(1, 2, new byte[20]));
        List<byte[]> bad = List.of(
                repaired(edited(good, 14, 0x44)), repaired(edited(good, 14, 0x4f)), repaired(edited(good, 14, 0x65)),
                repaired(edited(good, 16, 0xff)), repaired(edited(edited(good, 16, 0), 17, 19)),
                repaired(edited(edited(good, 16, 0), 17, 0)), edited(good, 24, good[24] + 1),
                Arrays.copyOf(good, 33), Arrays.copyOf(good, 14), Arrays.copyOf(good, 13), new byte[0]);
        bad.forEach(guest::send);
        assertEquals(bad.size(), malformed());
    }

    @Test
    @DisplayName("overlapping fragments are dropped with their packet")
    void shouldDropOverlappingFragments() throws IOException {
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(200);
            byte[] datagram = Packets.udp(1, server.getLocalPort(), new byte[1600]);
            fragment(datagram, 0, 800, 0x2000);
            fragment(datagram, 792, 800, 0x2000);
            fragment(datagram, 800, 808, 0);
            byte[] buffer = new byte[2000];
            assertThrows(SocketTimeoutException.class,
                    () -> server.receive(new DatagramPacket(buffer, 2000)));
            assertEquals(1, backend.statistics().reassembling(), "the last one, which is not whole");
            assertEquals(1, malformed());
        }
    }

    private void fragment(byte[] datagram, int at, int size, int flags) {
        guest.send(Packets.rawIp(NetGuest.IP, NetGuest.GATEWAY, Packets.UDP,
                Arrays.copyOfRange(datagram, at, Math.min(datagram.length, at + size)), at / 8 | flags, 5));
    }

    @Test
    @DisplayName("fragments without end do not fill memory, nor those past 64 KiB")
    void shouldBoundFragments() {
        for (int id = 0; id < 20_000; id++) {
            guest.send(Packets.rawIp(NetGuest.IP, NetGuest.GATEWAY, Packets.UDP, new byte[64], 0x2000 | id % 8191,
                    id));
        }
        guest.send(Packets.rawIp(NetGuest.IP, NetGuest.GATEWAY, Packets.UDP, new byte[1480], 8191, 1));
        assertTrue(malformed() >= 20_001 - Reassembler.MAX_PACKETS, "all but those that wait still");
        assertTrue(backend.statistics().reassembling() <= Reassembler.MAX_PACKETS);
    }

    @Test
    @DisplayName("TCP urgent pointer, data offset and options that do not fit are harmless")
    void shouldSurviveBadTcpHeaders() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            GuestTcp tcp = GuestTcp.to(guest, 40000, server.getLocalPort());
            tcp.connect();
            int sequence = 0x7fff_0001;
            for (int offset = 0; offset < 16; offset++) {
                byte[] segment = Packets.tcp(40000, server.getLocalPort(), sequence + 1000, 0, 0x30, 100, new byte[0],
                        new byte[10], 0, 10);
                segment[12] = (byte) (offset << 4);
                ByteBuffer.wrap(segment).putShort(18, (short) 0xffff);
                guest.send(Packets.ip(NetGuest.IP, NetGuest.GATEWAY, Packets.TCP, segment));
            }
            for (byte[] options : List.of(new byte[] {2, 0, 0, 0}, new byte[] {2, 40, 0, 0}, new byte[] {3, 1, 1, 1},
                    new byte[] {2, 4, 0, 0}, new byte[] {3, 3, (byte) 255, 2}, new byte[] {1, 1, 1, 2})) {
                guest.send(Packets.ip(NetGuest.IP, NetGuest.GATEWAY, Packets.TCP,
                        Packets.tcp(40001, server.getLocalPort(), 1, 0, 2, 100, options, options, 0, 0)));
            }
            byte[] answer = "still here".getBytes();
            server.accept().getOutputStream().write(answer);
            assertTrue(tcp.runUntil(() -> tcp.receivedCount() == answer.length, 2000));
        }
        assertEquals(5 + 8, malformed(), "data offsets below the header and past the end");
    }

    @Test
    @DisplayName("short BOOTP and UDP are dropped")
    void shouldDropShortUdp() {
        InetAddress broadcast = Packets.address("255.255.255.255");
        for (int length = 0; length < 240; length += 3) {
            byte[] bootp = new byte[length];
            if (length > 2) {
                System.arraycopy(new byte[] {1, 1, 6}, 0, bootp, 0, 3);
            }
            guest.send(Packets.ip(NetGuest.IP, broadcast, Packets.UDP, Packets.udp(68, 67, bootp)));
        }
        for (int length = 0; length < 8; length++) {
            guest.send(Packets.ip(NetGuest.IP, NetGuest.GATEWAY, Packets.UDP, new byte[length]));
        }
        byte[] wrong = Packets.udp(1, 2, new byte[4]);
        for (int length : new int[] {0, 7, 13, 0xffff}) {
            ByteBuffer.wrap(wrong).putShort(4, (short) length);
            guest.send(Packets.ip(NetGuest.IP, NetGuest.GATEWAY, Packets.UDP, wrong));
        }
        assertEquals(79 + 8 + 4, malformed());
    }

    @Test
    @DisplayName("a flood of SYNs and of 100,000 flows evicts old ones")
    void shouldCapFlows() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                DatagramSocket udp = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 100_000; i++) {
                int port = 1024 + i % 60_000;
                if (i % 40 == 0) {
                    guest.send(Packets.ip(NetGuest.IP, NetGuest.GATEWAY, Packets.TCP, Packets.tcp(port,
                            server.getLocalPort(), i, 0, 2, 1000, new byte[0], new byte[0], 0, 0)));
                }
                guest.sendUdp(NetGuest.GATEWAY, port, udp.getLocalPort(), new byte[1]);
                while (i % 50 == 0 && guest.next(0) != null) {
                    // The ring is kept empty.
                }
            }
            assertAlive();
            UserStatistics statistics = backend.statistics();
            assertTrue(statistics.tcpFlows() <= TcpNat.MAX_FLOWS, () -> statistics.toString());
            assertTrue(statistics.udpFlows() <= UdpNat.MAX_FLOWS, () -> statistics.toString());
            assertTrue(statistics.udpFlows() > 200);
        }
    }

    @Test
    @DisplayName("the host's loopback cannot be reached under its other names")
    void shouldRefuseLoopback() throws IOException {
        try (ServerSocket tcp = new ServerSocket(0, 5); DatagramSocket udp = new DatagramSocket()) {
            udp.setSoTimeout(300);
            for (String name : List.of("127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "224.0.0.1", "10.0.2.4",
                    "255.255.255.255", "::1", "::", "fe80::1", "ff02::1", "64:ff9b::7f00:1", "::7f00:1")) {
                InetAddress to = Packets.address(name);
                InetAddress from = to.getAddress().length == 4 ? NetGuest.IP : NetGuest.IP6;
                GuestTcp attempt = new GuestTcp(guest, from, 40000, to, tcp.getLocalPort());
                attempt.connect();
                assertTrue(attempt.reset && !attempt.connected, name);
                guest.sendUdp(to, 5000, udp.getLocalPort(), new byte[1]);
            }
            // The mapped spelling, which Java's own address class hides.
            byte[] mapped = Packets.ip(NetGuest.IP6, NetGuest.GATEWAY6, Packets.UDP,
                    Packets.udp(5000, udp.getLocalPort(), new byte[1]));
            byte[] loopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1};
            System.arraycopy(loopback, 0, mapped, 38, 16);
            guest.send(mapped);
            assertThrows(SocketTimeoutException.class,
                    () -> udp.receive(new DatagramPacket(new byte[10], 10)));
            assertEquals(0, backend.statistics().udpFlows());
        }
    }

    @Test
    @DisplayName("a million random frames throw nothing, and the network goes on")
    void shouldSurviveAMillionRandomFrames() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                DatagramSocket udp = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> {
                while (!server.isClosed()) {
                    try {
                        server.accept().close();
                    } catch (IOException _) {
                        return;
                    }
                }
            });
            List<byte[]> seeds = seeds(server.getLocalPort(), udp.getLocalPort());
            Random random = new Random(54);
            for (int i = 0; i < 1_000_000; i++) {
                byte[] frame = mutated(seeds.get(random.nextInt(seeds.size())), random, server.getLocalPort(),
                        udp.getLocalPort());
                if (random.nextInt(4) == 0) {
                    // The checksum of an unfinished frame is not checked, so the checks after it are reached.
                    guest.sendUnchecked(frame, random.nextInt(100), 1 + random.nextInt(2000));
                } else {
                    guest.send(frame);
                }
                while (i % 16 == 0 && guest.next(0) != null) {
                    // The ring is kept empty.
                }
            }
            assertAlive();
            UserStatistics statistics = backend.statistics();
            assertEquals(0, statistics.failures(), () -> statistics.toString());
            assertTrue(statistics.malformed() > 10_000, () -> statistics.toString());
            assertTrue(statistics.tcpFlows() <= TcpNat.MAX_FLOWS && statistics.udpFlows() <= UdpNat.MAX_FLOWS
                    && statistics.neighbours() <= Neighbours.MAX_ENTRIES
                    && statistics.reassembling() <= Reassembler.MAX_PACKETS, () -> statistics.toString());
            assertFalse(server.isClosed());
        }
    }

    private static List<byte[]> seeds(int tcpPort, int udpPort) {
        List<byte[]> seeds = new ArrayList<>();
        byte[] bootp = ByteBuffer.allocate(300).put(new byte[] {1, 1, 6}).position(236).putInt(0x63825363)
                .put(new byte[] {53, 1, 1, 50, 4, 10, 0, 2, 15}).array();
        seeds.add(Packets.ip(Packets.address("0.0.0.0"), Packets.address("255.255.255.255"), Packets.UDP,
                Packets.udp(68, 67, bootp)));
        seeds.add(NetGuest.arp(1, NetGuest.IP.getAddress(), NetGuest.GATEWAY.getAddress()));
        for (boolean v4 : new boolean[] {true, false}) {
            InetAddress from = v4 ? NetGuest.IP : NetGuest.IP6;
            InetAddress to = v4 ? NetGuest.GATEWAY : NetGuest.GATEWAY6;
            for (int flags : new int[] {2, 16, 17, 20, 18}) {
                seeds.add(Packets.ip(from, to, Packets.TCP, Packets.tcp(40000, tcpPort, 1, 1, flags, 1000,
                        new byte[] {2, 4, 5, 0, 1, 3, 3, 7}, new byte[64], 0, 64)));
            }
            seeds.add(Packets.ip(from, to, Packets.UDP, Packets.udp(5000, udpPort, new byte[32])));
            seeds.add(Packets.ip(from, to, Packets.UDP, Packets.udp(5000, 69, "\0\1f\0octet\0".getBytes())));
            int[] types = v4 ? new int[] {8} : new int[] {128, 133, 135, 136};
            for (int type : types) {
                byte[] message = new byte[32];
                message[0] = (byte) type;
                seeds.add(Packets.ip(from, to, v4 ? Packets.ICMP : Packets.ICMP6, message));
            }
        }
        return seeds;
    }

    /** A frame with some bytes changed; it never leads out of the guest's network and the test's own servers. */
    private static byte[] mutated(byte[] seed, Random random, int tcpPort, int udpPort) {
        byte[] frame = random.nextInt(8) == 0 ? Arrays.copyOf(seed, random.nextInt(seed.length + 40)) : seed.clone();
        for (int changes = random.nextInt(6); changes > 0 && frame.length > 14; changes--) {
            frame[14 + random.nextInt(frame.length - 14)] = (byte) random.nextInt();
        }
        boolean v4 = frame.length > 40 && seed[12] == 8 && seed[13] == 0;
        boolean v6 = frame.length > 60 && seed[13] == (byte) 0xdd;
        int destination = v4 ? 30 : 38;
        if (v4 || v6) {
            System.arraycopy(seed, destination, frame, destination, v4 ? 4 : 16);
        }
        if (v4 || v6) {
            int transport = v4 ? 34 : 54;
            int port = seed[v4 ? 23 : 20] == Packets.TCP ? tcpPort : random.nextInt(4) == 0 ? 69 : udpPort;
            boolean bootp = v4 && seed[37] == 67;
            ByteBuffer.wrap(frame).putShort(transport + 2, (short) (bootp ? 67 : port));
            frame[v4 ? 23 : 20] = seed[v4 ? 23 : 20];
        }
        if (v4 && random.nextBoolean()) {
            frame[14] = 0x45;
            repaired(frame);
        }
        if (v4 && random.nextBoolean() && frame[14] == 0x45) {
            return completed(frame);
        }
        return frame;
    }

    /** With the transport's checksum right, so that the checks after it are reached. */
    private static byte[] completed(byte[] frame) {
        ByteBuffer data = ByteBuffer.wrap(frame);
        int total = data.getShort(16) & 0xffff;
        if (total < 40 || total > frame.length - 14) {
            return frame;
        }
        try {
            return Packets.ip(InetAddress.getByAddress(Arrays.copyOfRange(frame, 26, 30)),
                    InetAddress.getByAddress(Arrays.copyOfRange(frame, 30, 34)), frame[23] & 0xff,
                    Arrays.copyOfRange(frame, 34, 14 + total));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
