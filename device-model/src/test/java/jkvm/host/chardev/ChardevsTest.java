package jkvm.host.chardev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jkvm.bus.LogRecorder;
import jkvm.host.chardev.ChardevSpec.Backend;
import jkvm.linux.FfmSyscalls;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class ChardevsTest {
    @TempDir
    private Path folder;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();
    private final Chardevs chardevs = new Chardevs(new FfmSyscalls(), new PrintStream(printed, true),
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

    private static void send(ByteChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static String read(ReadableByteChannel channel, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer) > 0) {
            continue;
        }
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void shouldWriteAFileAnewOrAppendToIt() throws IOException {
        Path file = folder.resolve("log");
        Files.writeString(file, "old");
        print(open(new ChardevSpec.OutputFile(file, false)), "new");
        chardevs.close();
        assertEquals("new", Files.readString(file));
        Chardev second = chardevs.open(new ChardevSpec("serial1", new ChardevSpec.OutputFile(file, true), false));
        second.connect(new RecordingDevice(0));
        print(second, "er");
        chardevs.close();
        assertEquals("newer", Files.readString(file));
    }

    @Test
    void shouldKeepALogOfAllOutputAlsoWhileNobodyIsThere() throws Exception {
        Path socket = folder.resolve("s");
        Path log = folder.resolve("log");
        Files.writeString(log, "old ");
        Chardev chardev = chardevs.open(new ChardevSpec("serial0", new ChardevSpec.UnixServer(socket, false), false,
                Optional.of(new ChardevSpec.OutputFile(log, true))));
        chardev.connect(device);

        print(chardev, "alone ");
        while (!Files.readString(log).equals("old alone ")) {
            Thread.sleep(1);
        }
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            assertTrue(device.awaitCarrier(true));
            print(chardev, "together");
            assertEquals("together", read(client, 8));
        }
        chardevs.close();

        assertEquals("old alone together", Files.readString(log));
    }

    @Test
    void shouldKeepALogOfWhatNobodyReadsAndSharedOutput() throws IOException {
        Path log = folder.resolve("log");
        Chardev chardev = chardevs.open(new ChardevSpec("c0", new ChardevSpec.Null(), true,
                Optional.of(new ChardevSpec.OutputFile(log, false))));
        chardev.connect(device);

        print(chardev, "kept");
        chardevs.close();

        assertEquals("kept", Files.readString(log));
    }

    @Test
    void shouldGoOnWhenTheDiskIsFullAndSaySoOnce() {
        try (LogRecorder log = new LogRecorder(StreamChardev.class.getName())) {
            Chardev chardev = open(new ChardevSpec.OutputFile(Path.of("/dev/full"), true));
            print(chardev, "lost");
            print(chardev, "x".repeat(10_000));
            assertTrue(device.awaitCarrier(true));
            chardevs.close();
            assertEquals(List.of("serial0: output is lost: /dev/full: No space left on device"), log.messages());
        }
    }

    @Test
    void shouldTakeEverythingAndGiveNothingAsNull() {
        Chardev chardev = open(new ChardevSpec.Null());
        print(chardev, "x".repeat(100_000));
        assertEquals("", device.received());
    }

    @Test
    void shouldShowClientsOfASocketAsCarrier() throws IOException {
        Path path = folder.resolve("s");
        Chardev chardev = open(new ChardevSpec.UnixServer(path, false));
        print(chardev, "nobody hears this");
        for (int round = 0; round < 2; round++) {
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                send(client, "hello" + round);
                assertTrue(device.awaitReceived("hello" + round));
                print(chardev, "welcome");
                assertEquals("welcome", read(client, 7));
            }
            assertTrue(round == 0 ? device.awaitCarrier(true, false) : device.awaitCarrier(true, false, true, false));
        }
        chardevs.close();
        assertFalse(Files.exists(path), "the socket's name goes with it");
    }

    @Test
    void shouldWaitForTheFirstClientIfAsked() throws IOException, InterruptedException {
        Path path = folder.resolve("s");
        StringBuilder heard = new StringBuilder();
        Thread client = Thread.ofPlatform().start(() -> {
            // The name is there a moment before someone listens.
            while (heard.isEmpty()) {
                try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                    heard.append(read(channel, 5));
                } catch (IOException _) {
                    Thread.onSpinWait();
                }
            }
        });
        Chardev chardev = open(new ChardevSpec.UnixServer(path, true));
        print(chardev, "first");
        client.join();
        assertEquals("first", heard.toString());
        assertEquals("jkvm: waiting for connection on: unix:" + path + ",server=on\n", messages.toString());
    }

    @Test
    void shouldReplaceASocketThatAnEarlierRunLeft() throws IOException {
        Path path = folder.resolve("s");
        ServerSocketChannel stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        stale.bind(UnixDomainSocketAddress.of(path)).close();
        open(new ChardevSpec.UnixServer(path, false));
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            assertTrue(client.isConnected());
        }
    }

    @Test
    void shouldConnectAndReconnectToASocket() throws IOException {
        Path path = folder.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            Chardev chardev = open(new ChardevSpec.UnixClient(path, 1));
            try (SocketChannel first = server.accept()) {
                print(chardev, "one");
                assertEquals("one", read(first, 3));
            }
            try (SocketChannel second = server.accept()) {
                send(second, "again");
                assertTrue(device.awaitReceived("again"));
            }
            assertTrue(device.carrier().contains(false));
        }
    }

    @Test
    void shouldBeAPseudoTerminalThatComesAndGoes() throws IOException {
        Chardev chardev = open(new ChardevSpec.Pty());
        String line = printed.toString();
        assertTrue(line.matches("char device redirected to /dev/pts/\\d+ \\(label serial0\\)\n"), line);
        Path path = Path.of(line.split(" ")[4]);
        print(chardev, "nobody hears this");
        try (FileChannel terminal = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            assertTrue(device.awaitCarrier(true));
            send(terminal, "a\r\3");
            assertTrue(device.awaitReceived("a\r\3"));
            print(chardev, "b\n");
            assertEquals("b\n", read(terminal, 2));
        }
        assertTrue(device.awaitCarrier(true, false));
    }

    @Test
    void shouldTellTheSizeOfATerminalsWindowAndItsChanges() throws Exception {
        Chardev chardev = open(new ChardevSpec.Pty());
        String path = printed.toString().split(" ")[4];
        resize(path, 40, 100);
        BlockingQueue<String> sizes = new LinkedBlockingQueue<>();
        chardev.watchWindow((columns, rows) -> sizes.add(columns + "x" + rows));
        assertEquals("100x40", sizes.poll(), "at once");
        resize(path, 43, 132);
        assertEquals("132x43", sizes.poll(10, TimeUnit.SECONDS));
        chardevs.close();
        assertTrue(sizes.isEmpty(), "each change once");
    }

    private static void resize(String terminal, int rows, int columns) throws Exception {
        Process stty = new ProcessBuilder("stty", "-F", terminal, "rows", "" + rows, "cols", "" + columns).start();
        assertEquals(0, stty.waitFor());
    }

    @Test
    void shouldSayWhyAHostSideCannotBeOpened() throws IOException, InterruptedException {
        Path missing = folder.resolve("missing/x");
        assertMessage(new ChardevSpec.OutputFile(missing, false), "serial0: cannot open " + missing
                + ": no such file or directory");
        assertMessage(new ChardevSpec.OutputFile(folder, false), "serial0: cannot open " + folder + ": Is a directory");
        assertMessage(new ChardevSpec.UnixClient(missing, 0), "serial0: cannot connect to " + missing);
        Path file = Files.writeString(folder.resolve("file"), "precious");
        assertMessage(new ChardevSpec.UnixServer(file, false), "serial0: cannot listen on " + file
                + ": exists and is not a socket; name another file");
        Path tooLong = folder.resolve("x".repeat(108));
        assertMessage(new ChardevSpec.UnixServer(tooLong, false), "serial0: cannot listen on " + tooLong
                + ": a socket's name has at most 108 bytes");
        assertEquals("precious", Files.readString(file));
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        assertMessage(new ChardevSpec.UnixServer(pipe, false), "serial0: cannot listen on " + pipe);
        assertTrue(Files.exists(pipe), "only sockets are replaced");
    }

    private void assertMessage(Backend backend, String message) {
        ChardevException thrown = assertThrows(ChardevException.class,
                () -> chardevs.open(new ChardevSpec("serial0", backend, false)));
        assertEquals("serial0", thrown.label());
        assertTrue(thrown.getMessage().startsWith(message), thrown.getMessage());
        assertFalse(thrown.getMessage().contains("\n"));
    }
}
