package jkvm.host.usernet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The gateway's own services, UDP, and what the guest may reach. */
@Timeout(30)
class UserNetTest {
    private static final InetAddress ANY = Packets.address("0.0.0.0");
    private static final InetAddress BROADCAST = Packets.address("255.255.255.255");
    private static final int DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6;

    @TempDir
    Path folder;
    private UserBackend backend;
    private NetGuest guest;

    private void start(UserConfig config) {
        backend = new UserBackend(config, Workers.onThreads());
        guest = new NetGuest(backend);
    }

    @AfterEach
    void end() {
        guest.close();
        assertEquals(0, backend.statistics().failures());
    }

    /** A server on the host's loopback that answers each datagram with itself. */
    private static DatagramSocket echoServer() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(new byte[65535], 65535);
                    socket.receive(packet);
                    socket.send(packet);
                }
            } catch (IOException _) {
                // The test is over.
            }
        });
        return socket;
    }

    private static byte[] dhcp(int type, int address) {
        ByteBuffer message = ByteBuffer.allocate(300).put((byte) 1).put((byte) 1).put((byte) 6).put((byte) 0)
                .putInt(0x12345678).position(28).put(Packets.GUEST_MAC).position(236).putInt(0x63825363)
                .put((byte) 53).put((byte) 1).put((byte) type);
        if (address != 0) {
            message.put((byte) 50).put((byte) 4).putInt(address);
        }
        return Packets.ip(ANY, BROADCAST, Packets.UDP, Packets.udp(68, 67, message.put((byte) 255).array()));
    }

    private static byte[] option(byte[] reply, int wanted) {
        for (int at = 240; reply[at] != -1; at += 2 + (reply[at + 1] & 0xff)) {
            if (reply[at] == wanted) {
                return Arrays.copyOfRange(reply, at + 2, at + 2 + (reply[at + 1] & 0xff));
            }
        }
        return new byte[0];
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    @Test
    void shouldGiveTheGuestItsAddressByDhcp() {
        UserConfig plain = UserConfig.defaults().withBoot(folder, "boot.ipxe");
        start(new UserConfig(true, true, false, plain.network(), plain.mask(), plain.host(), plain.dns(),
                plain.dhcpStart(), Optional.of("box"), Optional.of("example.org"), List.of("a.example", "b"),
                plain.tftp(), plain.bootFile(), Optional.of("server"), List.of(), Optional.empty()));
        guest.send(dhcp(DISCOVER, 0));
        byte[] offer = guest.awaitUdp(68).orElseThrow().udpData();
        assertArrayEquals(new byte[] {OFFER}, option(offer, 53));
        assertArrayEquals(NetGuest.IP.getAddress(), Arrays.copyOfRange(offer, 16, 20));
        assertArrayEquals(NetGuest.GATEWAY.getAddress(), Arrays.copyOfRange(offer, 20, 24), "next server");
        assertEquals("boot.ipxe", text(Arrays.copyOfRange(offer, 108, 117)));

        guest.send(dhcp(REQUEST, 0x0a00020f));
        byte[] ack = guest.awaitUdp(68).orElseThrow().udpData();
        assertArrayEquals(new byte[] {ACK}, option(ack, 53));
        assertArrayEquals(NetGuest.GATEWAY.getAddress(), option(ack, 3));
        assertArrayEquals(NetGuest.DNS.getAddress(), option(ack, 6));
        assertArrayEquals(new byte[] {-1, -1, -1, 0}, option(ack, 1));
        assertEquals("box", text(option(ack, 12)));
        assertEquals("example.org", text(option(ack, 15)));
        assertEquals("server", text(option(ack, 66)));
        assertEquals("\1a\7example\0\1b\0", text(option(ack, 119)));

        guest.send(dhcp(REQUEST, 0x0a000263));
        assertArrayEquals(new byte[] {NAK}, option(guest.awaitUdp(68).orElseThrow().udpData(), 53));
    }

    @Test
    void shouldGiveNoAddressOutsideOfTheNetwork() {
        UserConfig plain = UserConfig.defaults();
        start(new UserConfig(true, true, false, plain.network(), plain.mask(), plain.host(), plain.dns(), 0x0a0002fe,
                Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty(), Optional.empty(),
                List.of(), Optional.empty()));
        byte[] first = dhcp(DISCOVER, 0);
        guest.send(first);
        assertArrayEquals(new byte[] {10, 0, 2, (byte) 254},
                Arrays.copyOfRange(guest.awaitUdp(68).orElseThrow().udpData(), 16, 20));
        ByteBuffer second = ByteBuffer.allocate(300).put(new byte[] {1, 1, 6}).position(28)
                .put(new byte[] {0x52, 0x54, 0, 0, 0, 1}).position(236).putInt(0x63825363)
                .put(new byte[] {53, 1, DISCOVER, -1});
        guest.send(Packets.ip(ANY, BROADCAST, Packets.UDP, Packets.udp(68, 67, second.array())));
        assertFalse(guest.awaitPacket(200, packet -> packet.protocol() == Packets.UDP).isPresent());
    }

    @Test
    void shouldAnswerArpForGatewayAndNameServerOnly() {
        start(UserConfig.defaults());
        for (InetAddress ours : List.of(NetGuest.GATEWAY, NetGuest.DNS)) {
            guest.send(NetGuest.arp(1, NetGuest.IP.getAddress(), ours.getAddress()));
            byte[] reply = guest.next(1000);
            assertEquals(2, reply[21]);
            assertArrayEquals(Packets.GATEWAY_MAC, Arrays.copyOfRange(reply, 22, 28));
            assertArrayEquals(ours.getAddress(), Arrays.copyOfRange(reply, 28, 32));
        }
        guest.send(NetGuest.arp(1, NetGuest.IP.getAddress(), Packets.address("10.0.2.99").getAddress()));
        assertEquals(null, guest.next(100));
    }

    private static byte[] echoRequest(int type) {
        return ByteBuffer.allocate(64).put((byte) type).put((byte) 0).putShort((short) 0).putInt(0x00070001).array();
    }

    @Test
    void shouldAnswerPing() {
        start(UserConfig.defaults());
        guest.send(Packets.ip(NetGuest.IP, NetGuest.GATEWAY, Packets.ICMP, echoRequest(8)));
        Packets.Parsed reply = guest.awaitPacket(packet -> packet.protocol() == Packets.ICMP).orElseThrow();
        assertEquals(0, reply.payload()[0]);
        assertEquals(64, reply.payload().length);
        guest.send(Packets.ip(NetGuest.IP, Packets.address("192.0.2.1"), Packets.ICMP, echoRequest(8)));
        Packets.Parsed prohibited = guest.awaitPacket(packet -> packet.protocol() == Packets.ICMP).orElseThrow();
        assertEquals(3, prohibited.payload()[0]);
    }

    @Test
    void shouldRelayQuestionsToTheHostsNameServer() throws IOException {
        try (DatagramSocket server = echoServer()) {
            start(UserConfig.defaults().withNameServer(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort())));
            guest.sendUdp(NetGuest.DNS, 5000, 53, new byte[] {1, 2, 3});
            // The server's port shows, as the test's one is not 53.
            Packets.Parsed answer = guest.awaitUdp(5000).orElseThrow();
            assertEquals(NetGuest.DNS, answer.source());
            assertArrayEquals(new byte[] {1, 2, 3}, answer.udpData());
        }
    }

    @Test
    void shouldReassembleAndFragmentLargeDatagrams() throws IOException {
        try (DatagramSocket server = echoServer()) {
            start(UserConfig.defaults());
            byte[] bytes = new byte[5000];
            new Random(3).nextBytes(bytes);
            byte[] datagram = Packets.udp(5000, server.getLocalPort(), bytes);
            for (int at : new int[] {1480, 4440, 0, 2960}) {
                int size = Math.min(1480, datagram.length - at);
                boolean more = at + size < datagram.length;
                guest.send(Packets.rawIp(NetGuest.IP, NetGuest.GATEWAY, Packets.UDP,
                        Arrays.copyOfRange(datagram, at, at + size), at / 8 | (more ? 0x2000 : 0), 9));
            }
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            for (int i = 0; i < 4; i++) {
                whole.writeBytes(guest.awaitPacket(packet -> packet.protocol() == Packets.UDP).orElseThrow().payload());
            }
            assertArrayEquals(bytes, Arrays.copyOfRange(whole.toByteArray(), 8, 5008));
            assertEquals(0, backend.statistics().reassembling());
        }
    }

    @Test
    void shouldLeadAForwardedUdpPortToTheGuestAndItsAnswerBack() throws IOException {
        UserConfig.Forward forward = new UserConfig.Forward(true, Optional.of(InetAddress.getLoopbackAddress()), 0,
                Optional.empty(), 7);
        start(UserConfig.defaults().withForwards(List.of(forward)).withRestrict(true));
        try (DatagramSocket client = new DatagramSocket(); DatagramSocket other = echoServer()) {
            client.setSoTimeout(2000);
            InetSocketAddress port = new InetSocketAddress(InetAddress.getLoopbackAddress(),
                    backend.forwardedPorts().getFirst());
            client.send(new DatagramPacket("a".getBytes(), 1, port));
            guest.awaitUdp(7);
            // The first is lost while the guest's address is asked for, as on any network.
            client.send(new DatagramPacket("b".getBytes(), 1, port));
            Packets.Parsed question = guest.awaitUdp(7).orElseThrow();
            assertEquals(NetGuest.GATEWAY, question.source());
            guest.sendUdp(NetGuest.GATEWAY, 7, question.sourcePort(), "c".getBytes());
            DatagramPacket answer = new DatagramPacket(new byte[10], 10);
            client.receive(answer);
            assertEquals("c", new String(answer.getData(), 0, answer.getLength()));

            guest.sendUdp(NetGuest.GATEWAY, 7, other.getLocalPort(), "d".getBytes());
            assertFalse(guest.awaitPacket(200, packet -> packet.protocol() == Packets.UDP).isPresent(),
                    "restrict=on: answers go to those who have asked only");
        }
    }

    private byte[] fetch(String name, String mode) {
        byte[] request = ("\0\1" + name + "\0" + mode + "\0blksize\0" + "1000\0tsize\0" + "0\0").getBytes(
                StandardCharsets.US_ASCII);
        guest.sendUdp(NetGuest.GATEWAY, 3000, 69, request);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        while (true) {
            byte[] answer = guest.awaitUdp(3000).orElseThrow().udpData();
            if (answer[1] == 5) {
                return ("error " + answer[3]).getBytes();
            }
            guest.sendUdp(NetGuest.GATEWAY, 3000, 69, answer[1] == 6 ? new byte[] {0, 4, 0, 0}
                    : new byte[] {0, 4, answer[2], answer[3]});
            file.write(answer, 4, answer[1] == 6 ? 0 : answer.length - 4);
            if (answer[1] == 3 && answer.length < 1004) {
                return file.toByteArray();
            }
        }
    }

    @Test
    void shouldGiveOutTheFilesOfItsFolderOnlyByTftp() throws IOException {
        byte[] bytes = new byte[10_000];
        new Random(1).nextBytes(bytes);
        Path root = Files.createDirectories(folder.resolve("root/sub"));
        Files.write(root.resolve("f"), bytes);
        Files.write(folder.resolve("secret"), bytes);
        Files.createSymbolicLink(root.resolve("link"), folder.resolve("secret"));
        start(UserConfig.defaults().withBoot(folder.resolve("root"), "f"));
        assertArrayEquals(bytes, fetch("sub/f", "octet"));
        assertArrayEquals(bytes, fetch("/sub/f", "OCTET"));
        assertEquals("error 1", text(fetch("nothing", "octet")));
        assertEquals("error 2", text(fetch("../secret", "octet")));
        assertEquals("error 2", text(fetch("sub/link", "octet")));
        assertEquals("error 2", text(fetch("sub", "octet")));
        assertEquals("error 4", text(fetch("sub/f", "mail")));
    }

    @Test
    void shouldAdvertiseItselfAsRouterAndAnswerNeighbourSolicitation() {
        start(UserConfig.defaults());
        InetAddress own = Packets.address("fe80::5054:ff:fe12:3456");
        guest.send(Packets.ip(own, Packets.address("ff02::2"), Packets.ICMP6,
                new byte[] {(byte) 133, 0, 0, 0, 0, 0, 0, 0}));
        byte[] advert = guest.awaitPacket(packet -> packet.protocol() == Packets.ICMP6).orElseThrow().payload();
        assertEquals(134, advert[0] & 0xff);
        assertArrayEquals(Packets.address("fec0::").getAddress(), Arrays.copyOfRange(advert, 40, 56));
        byte[] question = ByteBuffer.allocate(24).putLong(0x8700_0000_0000_0000L)
                .put(NetGuest.GATEWAY6.getAddress()).array();
        guest.send(Packets.ip(own, Packets.address("ff02::1:ff00:2"), Packets.ICMP6, question));
        byte[] answer = guest.awaitPacket(packet -> packet.protocol() == Packets.ICMP6).orElseThrow().payload();
        assertEquals(136, answer[0] & 0xff);
        assertArrayEquals(Packets.GATEWAY_MAC, Arrays.copyOfRange(answer, 26, 32));
    }

    @Test
    void shouldCarryPingUdpAndTcpOverIpv6() throws IOException {
        start(UserConfig.defaults());
        guest.send(Packets.ip(NetGuest.IP6, NetGuest.GATEWAY6, Packets.ICMP6, echoRequest(128)));
        assertEquals(129, guest.awaitPacket(p -> p.protocol() == Packets.ICMP6).orElseThrow().payload()[0] & 0xff);
        ServerSocket server = null;
        try {
            server = new ServerSocket(0, 5, Packets.address("::1"));
        } catch (IOException e) {
            Assumptions.abort("this host has no IPv6 loopback: " + e.getMessage());
        }
        try (ServerSocket tcpServer = server; DatagramSocket udpServer =
                new DatagramSocket(0, Packets.address("::1"))) {
            guest.sendUdp(NetGuest.GATEWAY6, 5000, udpServer.getLocalPort(), "ask".getBytes());
            DatagramPacket packet = new DatagramPacket(new byte[3000], 3000);
            udpServer.receive(packet);
            packet.setLength(3000);
            udpServer.send(packet);
            assertEquals(44, guest.awaitPacket(p -> p.protocol() == 44).orElseThrow().protocol(), "in fragments");

            GuestTcp tcp = new GuestTcp(guest, NetGuest.IP6, 40000, NetGuest.GATEWAY6, tcpServer.getLocalPort());
            tcp.connect();
            try (Socket socket = tcpServer.accept()) {
                socket.getOutputStream().write("hello".getBytes());
                socket.shutdownOutput();
                assertTrue(tcp.runUntil(() -> tcp.ended, 2000));
                assertEquals("hello", new String(tcp.received()));
            }
        }
    }

    @Test
    void shouldReachNothingWhenRestricted() throws IOException {
        try (DatagramSocket udp = echoServer(); ServerSocket tcp = new ServerSocket(0, 5,
                InetAddress.getLoopbackAddress())) {
            start(UserConfig.defaults().withRestrict(true));
            GuestTcp attempt = GuestTcp.to(guest, 40000, tcp.getLocalPort());
            attempt.connect();
            assertTrue(attempt.reset);
            guest.sendUdp(NetGuest.GATEWAY, 5000, udp.getLocalPort(), new byte[1]);
            guest.sendUdp(NetGuest.DNS, 5000, 53, new byte[1]);
            assertFalse(guest.awaitPacket(200, packet -> packet.protocol() == Packets.UDP).isPresent());
            assertEquals(0, backend.statistics().udpFlows());
        }
    }
}
