package jkvm.host.chardev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import jkvm.host.chardev.ChardevSpec.Backend;
import jkvm.linux.FfmSyscalls;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Chardevs over TCP, telnet and datagrams, and those that are files of the host's. */
@Timeout(20)
class NetworkChardevsTest {
    private static final InetAddress THIS_HOST = InetAddress.getLoopbackAddress();
    private static final String GREETING = "fffb01fffb03fffb00fffd00";

    @TempDir
    private Path folder;
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();
    private final Chardevs chardevs = new Chardevs(new FfmSyscalls(), new PrintStream(messages, true),
            new PrintStream(messages, true), () -> { }, Workers.onThreads());
    private final RecordingDevice device = new RecordingDevice(1000);

    @AfterEach
    void close() {
        chardevs.close();
    }

    private Chardev open(Backend backend) {
        Chardev chardev = chardevs.open(new ChardevSpec("serial0", backend, false));
        chardev.connect(device);
        return chardev;
    }

    private static void print(Chardev chardev, String text) {
        for (byte value : text.getBytes(StandardCharsets.ISO_8859_1)) {
            assertTrue(chardev.transmit(value));
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, THIS_HOST)) {
            return socket.getLocalPort();
        }
    }

    private static String read(Socket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    private static void send(Socket socket, String hex) throws IOException {
        socket.getOutputStream().write(HexFormat.of().parseHex(hex));
    }

    private static String hex(Socket socket, int length) throws IOException {
        InputStream in = socket.getInputStream();
        return HexFormat.of().formatHex(in.readNBytes(length));
    }

    private static Backend server(int port) {
        return new ChardevSpec.TcpServer("127.0.0.1", port, port, false, true);
    }

    @Test
    void shouldServeOneTcpClientAfterTheOther() throws IOException {
        int port = freePort();
        Chardev chardev = open(server(port));
        print(chardev, "nobody hears this");
        for (int round = 0; round < 2; round++) {
            try (Socket client = new Socket(THIS_HOST, port)) {
                client.getOutputStream().write(("hello" + round).getBytes(StandardCharsets.US_ASCII));
                assertTrue(device.awaitReceived("hello" + round));
                print(chardev, "welcome");
                assertEquals("welcome", read(client, 7));
            }
            assertTrue(round == 0 ? device.awaitCarrier(true, false) : device.awaitCarrier(true, false, true, false));
        }
    }

    @Test
    void shouldTakeTheNextFreePortUpToTheLast() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, THIS_HOST)) {
            int port = taken.getLocalPort();
            open(new ChardevSpec.TcpServer("127.0.0.1", port, port + 20, false, false));
            ChardevException e = assertThrows(ChardevException.class,
                    () -> chardevs.open(new ChardevSpec("serial1", server(port), false)));
            assertEquals("serial1: cannot listen on 127.0.0.1:" + port + ": Address already in use", e.getMessage());
        }
    }

    @Test
    void shouldConnectToAServerThatComesLaterAndAgain() throws IOException {
        int port = freePort();
        Chardev chardev = open(new ChardevSpec.TcpClient("127.0.0.1", port, 1, false));
        assertTrue(messages.toString().contains("nobody listens on 127.0.0.1:" + port + " yet"), messages.toString());
        try (ServerSocket server = new ServerSocket()) {
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(THIS_HOST, port));
            try (Socket first = server.accept()) {
                assertTrue(device.awaitCarrier(true));
                print(chardev, "one");
                assertEquals("one", read(first, 3));
            }
            try (Socket second = server.accept()) {
                send(second, "61");
                assertTrue(device.awaitReceived("a"));
            }
        }
    }

    @Test
    void shouldSayWhyThereIsNoConnection() throws IOException {
        int port = freePort();
        ChardevException e = assertThrows(ChardevException.class,
                () -> open(new ChardevSpec.TcpClient("", port, 0, false)));
        assertEquals("serial0: cannot connect to :" + port + ": Connection refused", e.getMessage());
    }

    @Test
    void shouldGreetEachTelnetClientAndDropItsCommands() throws IOException {
        int port = freePort();
        Chardev chardev = open(new ChardevSpec.Telnet(server(port)));
        for (String name : new String[] {"a", "b"}) {
            try (Socket client = new Socket(THIS_HOST, port)) {
                assertEquals(GREETING, hex(client, 12));
                // WILL ECHO, DO SGA, are you there, a negotiation with a doubled 255 and an end, a doubled 255.
                send(client, "fffb01" + "fffd03" + "fff6" + "fffa18fffff001fff0" + "ffff");
                client.getOutputStream().write(name.getBytes(StandardCharsets.US_ASCII));
                assertTrue(device.awaitReceived("\377" + name));
            }
        }
        assertFalse(device.received().contains("\1"));
        assertTrue(device.awaitCarrier(true, false, true, false));
        print(chardev, "lost");
    }

    @Test
    void shouldPassATelnetBreakOnBetweenTheBytes() throws IOException {
        int port = freePort();
        open(new ChardevSpec.Telnet(server(port)));
        try (Socket client = new Socket(THIS_HOST, port)) {
            send(client, "61ff");
            send(client, "f362");
            assertTrue(device.awaitReceived("ab"));
            assertEquals(1, device.breaks());
        }
    }

    @Test
    void shouldNotLetAGuestCommandItsTelnet() throws IOException {
        int port = freePort();
        Chardev chardev = open(new ChardevSpec.Telnet(server(port)));
        try (Socket client = new Socket(THIS_HOST, port)) {
            assertEquals(GREETING, hex(client, 12));
            assertTrue(device.awaitCarrier(true));
            print(chardev, "a\377\375\1\377b");
            assertEquals("61fffffd01ffff62", hex(client, 8));
        }
    }

    @Test
    void shouldExchangeDatagrams() throws IOException {
        try (DatagramSocket other = new DatagramSocket(0, THIS_HOST)) {
            Chardev chardev = open(new ChardevSpec.Udp("127.0.0.1", other.getLocalPort(), "127.0.0.1", 0));
            print(chardev, "x");
            DatagramPacket packet = new DatagramPacket(new byte[10], 10);
            other.receive(packet);
            assertEquals('x', packet.getData()[0]);
            other.send(new DatagramPacket(new byte[0], 0, packet.getSocketAddress()));
            other.send(new DatagramPacket("answer".getBytes(StandardCharsets.US_ASCII), 6, packet.getSocketAddress()));
            assertTrue(device.awaitReceived("answer"), "an empty datagram is no end");
        }
    }

    @Test
    void shouldGoOnWhenNobodyReceivesDatagrams() throws IOException {
        int port = freePort();
        Chardev chardev = open(new ChardevSpec.Udp("127.0.0.1", port, "127.0.0.1", 0));
        for (int i = 0; i < 100; i++) {
            print(chardev, "lost");
        }
        chardevs.close();
        assertTrue(device.carrier().stream().allMatch(present -> present));
    }

    @Test
    void shouldUseTwoFifosOrOneFile() throws Exception {
        Path path = folder.resolve("p");
        assertEquals(0, new ProcessBuilder("mkfifo", path + ".in", path + ".out").start().waitFor());
        Chardev chardev = open(new ChardevSpec.Pipe(path));
        Files.writeString(Path.of(path + ".in"), "in");
        assertTrue(device.awaitReceived("in"));
        print(chardev, "out");
        try (InputStream out = Files.newInputStream(Path.of(path + ".out"))) {
            assertArrayEquals("out".getBytes(StandardCharsets.US_ASCII), out.readNBytes(3));
        }
        ChardevException e = assertThrows(ChardevException.class,
                () -> chardevs.open(new ChardevSpec("serial1", new ChardevSpec.Pipe(folder.resolve("q")), false)));
        assertEquals("serial1: cannot open " + folder.resolve("q") + ": no such file or directory", e.getMessage());
    }

    @Test
    void shouldTakeADeviceOfTheHosts() {
        Chardev chardev = open(new ChardevSpec.HostDevice(Path.of("/dev/null")));
        print(chardev, "x".repeat(1000));
        assertTrue(device.awaitCarrier(true));
        assertThrows(ChardevException.class, () -> chardevs.open(
                new ChardevSpec("serial1", new ChardevSpec.HostDevice(Path.of("/dev/nosuch")), false)));
    }

    @Test
    void shouldKeepTheLastBytesInARing() {
        RingLink ring = new RingLink(4);
        assertEquals(2, ring.send("ab".getBytes(StandardCharsets.US_ASCII), 0, 2));
        assertEquals("ab", new String(ring.contents(), StandardCharsets.US_ASCII));
        ring.send("xcdefg".getBytes(StandardCharsets.US_ASCII), 1, 5);
        assertEquals("defg", new String(ring.contents(), StandardCharsets.US_ASCII));
        print(open(new ChardevSpec.Ring(4)), "x".repeat(10_000));
    }

    @Test
    void shouldListenOnAndConnectToNamesOf107And108Bytes() throws IOException {
        for (int length = 107; length <= 108; length++) {
            Path name = folder.resolve("s".repeat(length - folder.toString().length() - 1));
            assertEquals(length, name.toString().length());
            RecordingDevice other = new RecordingDevice(1000);
            Chardev server = chardevs.open(new ChardevSpec("s" + length,
                    new ChardevSpec.UnixServer(name, false), false));
            server.connect(other);
            Chardev client = chardevs.open(new ChardevSpec("c" + length, new ChardevSpec.UnixClient(name, 0), false));
            client.connect(new RecordingDevice(1000));
            print(client, "hello");
            assertTrue(other.awaitReceived("hello"));
            server.close();
            assertFalse(Files.exists(name));
        }
    }
}
