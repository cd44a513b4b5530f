package jkvm.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jkvm.bus.ConfigurationException;
import jkvm.net.user.FakeGuest;
import jkvm.net.user.Frames;
import jkvm.net.user.UserBackend;
import jkvm.net.user.UserConfig;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DumpFilterTest {
    @TempDir
    Path folder;

    @Test
    void shouldWriteAPcapFileWithBothDirections() throws IOException {
        Path file = folder.resolve("a.pcap");
        long before = System.currentTimeMillis() / 1000;
        try (DumpFilter filter = new DumpFilter(new NullBackend(), file, 60)) {
            filter.attach(new RecordingNic());
            filter.send(RecordingNic.frame(new byte[100]));
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(0xa1b2c3d4, bytes.getInt(0));
        assertEquals(60, bytes.getInt(16));
        assertEquals(1, bytes.getInt(20));
        assertTrue(bytes.getInt(24) >= before && bytes.getInt(24) < before + 100);
        assertTrue(bytes.getInt(28) < 1_000_000);
        assertEquals(60, bytes.getInt(32));
        assertEquals(100, bytes.getInt(36));
        assertEquals(24 + 16 + 60, bytes.capacity());
    }

    @Test
    void shouldSayWhichFileItCannotWrite() {
        Path file = folder.resolve("no/such/folder");
        String message = assertThrows(ConfigurationException.class,
                () -> new DumpFilter(new NullBackend(), file, 60)).getMessage();
        assertTrue(message.contains(file.toString()), message);
    }

    @Test
    void shouldLeaveCapturesOfTheUserNetworkThatTsharkFindsNoFaultIn() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/tshark")), "tshark is not installed");
        Path file = folder.resolve("user.pcap");
        try (DumpFilter filter = new DumpFilter(new UserBackend(UserConfig.defaults()), file, 65536)) {
            FakeGuest guest = new FakeGuest(filter);
            talk(guest);
        }
        List<String> bad = tshark(file, "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0"
                + " || udp.checksum.status == 0 || icmp.checksum.status == 0 || icmpv6.checksum.status == 0");
        assertEquals(List.of(), bad);
        assertTrue(tshark(file, "icmpv6.type == 134").size() == 1);
        assertTrue(tshark(file, "ip.src == 10.0.2.2 && tcp.flags.reset == 1").size() == 1);
        assertTrue(tshark(file, "dhcp.option.dhcp == 2").size() == 1);
        assertTrue(tshark(file, "ip.src == 10.0.2.2 && udp.length == 3008").size() == 1, "fragments are put together");
    }

    private static void talk(FakeGuest guest) throws IOException {
        InetAddress own6 = Frames.address("fe80::5054:ff:fe12:3456");
        guest.send(Frames.ip(own6, Frames.address("ff02::2"), Frames.ICMP6,
                new byte[] {(byte) 133, 0, 0, 0, 0, 0, 0, 0}));
        ByteBuffer discover = ByteBuffer.allocate(300).put(new byte[] {1, 1, 6}).position(28)
                .put(new byte[] {0x52, 0x54, 0, 0x12, 0x34, 0x56}).position(236).putInt(0x63825363)
                .put(new byte[] {53, 1, 1, -1});
        guest.send(Frames.ip(Frames.address("0.0.0.0"), Frames.address("255.255.255.255"), Frames.UDP,
                Frames.udp(68, 67, discover.array())));
        assertTrue(guest.awaitUdp(68).isPresent());
        byte[] echo = ByteBuffer.allocate(64).putInt(0x0800_0000).putInt(1).array();
        guest.send(Frames.ip(FakeGuest.IP, FakeGuest.GATEWAY, Frames.ICMP, echo));
        byte[] syn = ByteBuffer.allocate(20).putShort((short) 40000).putShort((short) 1).putLong(1L << 32)
                .putInt(0x5002_1000).array();
        guest.send(Frames.ip(FakeGuest.IP, FakeGuest.GATEWAY, Frames.TCP, syn));
        assertTrue(guest.awaitPacket(packet -> packet.protocol() == Frames.TCP).isPresent());
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            guest.sendUdp(FakeGuest.GATEWAY, 50_001, server.getLocalPort(), "0123456789".getBytes());
            DatagramPacket packet = new DatagramPacket(new byte[3000], 3000);
            server.receive(packet);
            packet.setLength(3000);
            server.send(packet);
            assertTrue(guest.awaitPacket(part -> part.protocol() == Frames.UDP).isPresent());
            assertTrue(guest.awaitPacket(part -> part.protocol() == Frames.UDP).isPresent());
        }
    }

    private static List<String> tshark(Path file, String filter) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("tshark", "-r", file.toString(), "-o", "ip.check_checksum:TRUE", "-o",
                "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-Y", filter)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        List<String> lines = process.inputReader().readAllLines();
        assertEquals(0, process.waitFor());
        return lines;
    }
}
