package jkvm.host.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import jkvm.app.options.ErrorText;
import jkvm.host.netdev.NetBackends;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.usernet.NetGuest;
import jkvm.host.usernet.Packets;
import jkvm.host.usernet.UserBackend;
import jkvm.host.usernet.UserConfig;
import jkvm.linux.FfmSyscalls;
import jkvm.work.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DumpFilterTest {
    @TempDir
    Path folder;

    @Test
    void shouldWriteAPcapFileWithBothDirections() throws IOException {
        Path file = folder.resolve("a.pcap");
        long before = System.currentTimeMillis() / 1000;
        try (DumpFilter filter = DumpFilter.open(new NullBackend(), new DumpSpec("f", "n", file, 60))) {
            filter.attach(new RecordingNic());
            Frames.offer(filter, RecordingNic.frame(new byte[100]));
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
    void shouldWriteAFrameBeforeItsAnswerAndOnceAlthoughItIsOfferedTwice() throws IOException {
        Path file = folder.resolve("order.pcap");
        FakeWire wire = new FakeWire();
        try (DumpFilter filter = DumpFilter.open(wire, new DumpSpec("f", "n", file, 10))) {
            RecordingNic nic = new RecordingNic() {
                @Override
                public boolean receive(NetFrame frame) {
                    Frames.offer(filter, RecordingNic.frame((byte) 'a', frame.data().get(0)));
                    return super.receive(frame);
                }
            };
            filter.attach(nic);
            nic.room = 0;
            assertFalse(wire.device.receive(RecordingNic.frame((byte) 'q', (byte) 1)));
            nic.room = 2;
            assertTrue(wire.device.receive(RecordingNic.frame((byte) 'q', (byte) 1)));
            assertTrue(wire.device.receive(RecordingNic.frame((byte) 'q', (byte) 2)));
        }
        byte[] bytes = Files.readAllBytes(file);
        StringBuilder order = new StringBuilder();
        for (int at = 24 + 16; at < bytes.length; at += 16 + 2) {
            order.append((char) bytes[at]);
        }
        assertEquals("qaaqa", order.toString());
    }

    @ParameterizedTest
    @CsvSource({"no/such/folder, no such file or directory", "., Is a directory"})
    void shouldSayWhichFileItCannotWriteAndLeaveNothingOpen(String name, String reason) throws IOException {
        Path file = folder.resolve(name);
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        NetdevSpec spec = new NetdevSpec("n", new NetdevSpec.SocketListen(new InetSocketAddress("127.0.0.1", port)),
                List.of(new DumpSpec("f", "n", folder.resolve("a"), 60), new DumpSpec("g", "n", file, 60)));
        NetworkException e = assertThrows(NetworkException.class,
                () -> new NetBackends(new FfmSyscalls(), Workers.onThreads()).open(spec));
        assertEquals(NetworkException.Kind.CANNOT_CAPTURE, e.kind());
        assertEquals("cannot write " + file + ": " + reason, e.getMessage());
        assertEquals("-object filter-dump,id=g: cannot write " + file + ": " + reason
                + "; name a file in a folder that you may write to", ErrorText.of(e).orElseThrow());
        new ServerSocket(port).close();
    }

    @Test
    void shouldEndTheCaptureButNotTheNetworkWhenTheDiskIsFull() throws IOException {
        Path file = folder.resolve("full.pcap");
        RecordingNic nic = new RecordingNic();
        FakeWire wire = new FakeWire();
        try (DumpFilter filter = new DumpFilter(wire, new DumpSpec("f", "n", file, 65536), new FullDisk(file, 250))) {
            filter.attach(nic);
            for (int i = 0; i < 5; i++) {
                assertTrue(Frames.offer(filter, RecordingNic.frame(new byte[100])));
                assertTrue(wire.device.receive(RecordingNic.frame(new byte[60])));
            }
        }
        assertEquals(5, wire.sent.size());
        assertEquals(5, nic.frames().size());
        assertEquals(24 + 16 + 100 + 16 + 60, Files.size(file), "ends with a whole frame");
    }

    @Test
    void shouldLeaveNoFileWhereNotEvenItsBeginningHasRoom() throws IOException {
        Path made = folder.resolve("made.pcap");
        Path present = Files.createFile(folder.resolve("present.pcap"));

        assertEquals("cannot write " + made + ": No space left on device", refusal(made, true));
        assertEquals("cannot write " + present + ": No space left on device", refusal(present, false));

        assertFalse(Files.exists(made));
        assertTrue(Files.exists(present), "the user's own file");
    }

    private static String refusal(Path file, boolean isNew) throws IOException {
        FullDisk disk = new FullDisk(file, 10);
        return assertThrows(NetworkException.class, () -> DumpFilter.begin(new FakeWire(),
                new DumpSpec("f", "n", file, 65536), disk, isNew)).getMessage();
    }

    @Test
    void shouldLeaveCapturesOfTheUserNetworkThatTsharkFindsNoFaultIn() throws IOException, InterruptedException {
        Tshark.assumeInstalled();
        Path file = folder.resolve("user.pcap");
        try (DumpFilter filter = DumpFilter.open(new UserBackend(UserConfig.defaults(), Workers.onThreads()),
                new DumpSpec("f", "n", file, 65536))) {
            NetGuest guest = new NetGuest(filter);
            talk(guest);
        }
        assertEquals(List.of(), Tshark.faults(file));
        assertTrue(Tshark.frames(file, "icmpv6.type == 134").size() == 1);
        assertTrue(Tshark.frames(file, "ip.src == 10.0.2.2 && tcp.flags.reset == 1").size() == 1);
        assertTrue(Tshark.frames(file, "dhcp.option.dhcp == 2").size() == 1);
        assertTrue(Tshark.frames(file, "ip.src == 10.0.2.2 && udp.length == 3008").size() == 1,
                "fragments are put together");
    }

    @Test
    void shouldNotBeFoundFaultyForAFileThatLooksLikeATelephoneCall() throws IOException, InterruptedException {
        Tshark.assumeInstalled();
        Path file = folder.resolve("call.pcap");
        byte[] call = HexFormat.of().parseHex("0300001e" + "0802000100");
        try (DumpFilter filter = DumpFilter.open(new NullBackend(), new DumpSpec("f", "n", file, 65536))) {
            Frames.offer(filter, RecordingNic.frame(Packets.ip(
                    Packets.address("10.0.2.2"), Packets.address("10.0.2.15"),
                    Packets.TCP, Packets.tcp(8080, 40_000, 1, 1, 0x10, 1000, new byte[0],
                            Arrays.copyOf(call, 30), 0, 30))));
        }
        assertEquals(List.of(), Tshark.faults(file));
        assertEquals(1, Tshark.frames(file, "tcp.len == 30").size());
    }

    private static void talk(NetGuest guest) throws IOException {
        InetAddress own6 = Packets.address("fe80::5054:ff:fe12:3456");
        guest.send(Packets.ip(own6, Packets.address("ff02::2"), Packets.ICMP6,
                new byte[] {(byte) 133, 0, 0, 0, 0, 0, 0, 0}));
        ByteBuffer discover = ByteBuffer.allocate(300).put(new byte[] {1, 1, 6}).position(28)
                .put(new byte[] {0x52, 0x54, 0, 0x12, 0x34, 0x56}).position(236).putInt(0x63825363)
                .put(new byte[] {53, 1, 1, -1});
        guest.send(Packets.ip(Packets.address("0.0.0.0"), Packets.address("255.255.255.255"), Packets.UDP,
                Packets.udp(68, 67, discover.array())));
        assertTrue(guest.awaitUdp(68).isPresent());
        byte[] echo = ByteBuffer.allocate(64).putInt(0x0800_0000).putInt(1).array();
        guest.send(Packets.ip(NetGuest.IP, NetGuest.GATEWAY, Packets.ICMP, echo));
        byte[] syn = ByteBuffer.allocate(20).putShort((short) 40000).putShort((short) 1).putLong(1L << 32)
                .putInt(0x5002_1000).array();
        guest.send(Packets.ip(NetGuest.IP, NetGuest.GATEWAY, Packets.TCP, syn));
        assertTrue(guest.awaitPacket(packet -> packet.protocol() == Packets.TCP).isPresent());
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            guest.sendUdp(NetGuest.GATEWAY, 50_001, server.getLocalPort(), "0123456789".getBytes());
            DatagramPacket packet = new DatagramPacket(new byte[3000], 3000);
            server.receive(packet);
            packet.setLength(3000);
            server.send(packet);
            assertTrue(guest.awaitPacket(part -> part.protocol() == Packets.UDP).isPresent());
            assertTrue(guest.awaitPacket(part -> part.protocol() == Packets.UDP).isPresent());
        }
    }
}
