package jkvm.host.disk.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.host.image.QemuImg;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class NbdServerTest {
    private static final long SIZE = 16 << 20;

    @TempDir
    private Path folder;
    private Path socket;
    private DiskImage image;
    private NbdServer server;
    private Thread runner;

    @BeforeEach
    void serve() throws IOException {
        DiskImages images = new DiskImages(new FfmSyscalls());
        Path file = folder.resolve("a.qcow2");
        images.create(file, ImageFormat.QCOW2, CreateValues.ofSize(SIZE));
        image = images.open(file, ImageOptions.WRITABLE.withUnmap(true));
        socket = folder.resolve("s");
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket));
        start(new NbdServer(listener, new NbdExport("disk", image, false), true));
    }

    private void start(NbdServer wanted) {
        server = wanted;
        runner = Thread.ofPlatform().start(() -> {
            try {
                wanted.run();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** Ends the server, and starts one with other settings on a new socket. */
    private void serveAnew(boolean readOnly, long handshakeMillis) throws Exception {
        server.close();
        runner.join();
        socket = folder.resolve("s2");
        start(new NbdServer(ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket)), new NbdExport("disk", image, readOnly), true,
                handshakeMillis));
    }

    @AfterEach
    void end() throws Exception {
        server.close();
        runner.join();
        image.close();
    }

    private String qemuIo(String... commands) throws IOException {
        List<String> words = new ArrayList<>(List.of("qemu-io", "-f", "raw"));
        for (String each : commands) {
            words.addAll(List.of("-c", each));
        }
        words.add("nbd+unix:///disk?socket=" + socket);
        return QemuImg.run(words.toArray(String[]::new)).text();
    }

    @Test
    void shouldBeReadAndWrittenByQemu() throws IOException {
        QemuImg.assumePresent();
        String text = qemuIo("write -P 7 5000 3000000", "write -f -P 5 12M 4k", "write -z 6M 1M", "discard 12M 1M",
                "flush", "read -P 7 5000 3000000", "read -P 0 6M 10M", "read 15M 2M");
        assertTrue(text.contains("read 3000000/3000000 bytes at offset 5000"), text);
        assertFalse(text.contains("Pattern verification failed"), text);
        assertTrue(text.contains("read failed: Input/output error"), text);
    }

    @Test
    void shouldShowHolesToQemu() throws IOException {
        QemuImg.assumePresent();
        qemuIo("write -P 7 1M 1M", "write -P 7 8M 64k");
        String map = QemuImg.img("map", "--output=json", "nbd+unix:///disk?socket=" + socket);
        assertEquals("""
                [{ "start": 0, "length": 1048576, "depth": 0, "present": true, "zero": true, "data": false, \
                "offset": 0},
                { "start": 1048576, "length": 1048576, "depth": 0, "present": true, "zero": false, "data": true, \
                "offset": 1048576},
                { "start": 2097152, "length": 6291456, "depth": 0, "present": true, "zero": true, "data": false, \
                "offset": 2097152},
                { "start": 8388608, "length": 65536, "depth": 0, "present": true, "zero": false, "data": true, \
                "offset": 8388608},
                { "start": 8454144, "length": 8323072, "depth": 0, "present": true, "zero": true, "data": false, \
                "offset": 8454144}]
                """, map);
    }

    @Test
    void shouldRefuseUnknownExports() throws IOException {
        QemuImg.assumePresent();
        QemuImg.Outcome outcome = QemuImg.run("qemu-img", "info", "nbd+unix:///other?socket=" + socket);
        assertEquals(1, outcome.code());
        assertTrue(outcome.text().contains("server reported: export 'other' not present"), outcome.text());
    }

    private NbdStream connect() throws IOException {
        return new NbdStream(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    private static void takeExport(NbdStream client) throws IOException {
        client.read(18);
        client.write(ByteBuffer.allocate(24).putInt(3).putLong(Nbd.OPTION_MAGIC).putInt(Nbd.OPT_EXPORT_NAME).putInt(4)
                .put(NbdStream.bytes("disk")).flip());
        assertEquals(SIZE, client.read(10).getLong());
    }

    private static void request(NbdStream client, int command, long offset, int length) throws IOException {
        client.write(ByteBuffer.allocate(28).putInt(Nbd.REQUEST_MAGIC).putShort((short) 0).putShort((short) command)
                .putLong(42).putLong(offset).putInt(length).flip());
    }

    private static int error(NbdStream client) throws IOException {
        ByteBuffer reply = client.read(16);
        assertEquals(Nbd.SIMPLE_REPLY_MAGIC, reply.getInt());
        int error = reply.getInt();
        assertEquals(42, reply.getLong());
        return error;
    }

    @Test
    void shouldAnswerRequestsThatAreWrongAndGoOn() throws IOException {
        try (NbdStream client = connect()) {
            takeExport(client);
            request(client, Nbd.CMD_READ, SIZE, 1);
            assertEquals(Nbd.EINVAL, error(client));
            request(client, Nbd.CMD_READ, -1, 2);
            assertEquals(Nbd.EINVAL, error(client));
            request(client, Nbd.CMD_TRIM, Long.MAX_VALUE, -1);
            assertEquals(Nbd.EINVAL, error(client));
            request(client, Nbd.CMD_WRITE, SIZE - 1, 2);
            client.write(ByteBuffer.allocate(2));
            assertEquals(Nbd.ENOSPC, error(client));
            request(client, Nbd.CMD_BLOCK_STATUS, 0, 512);
            assertEquals(Nbd.EINVAL, error(client));
            request(client, 99, 0, 0);
            assertEquals(Nbd.EINVAL, error(client));
            request(client, Nbd.CMD_READ, SIZE - 3, 3);
            assertEquals(0, error(client));
            assertEquals(3, client.read(3).remaining());
        }
    }

    @Test
    void shouldDropClientsThatBreakTheProtocolAndServeTheNext() throws IOException {
        ByteBuffer hugeOption = ByteBuffer.allocate(20).putInt(3).putLong(Nbd.OPTION_MAGIC).putInt(Nbd.OPT_LIST)
                .putInt(-1).flip();
        for (ByteBuffer sent : List.of(ByteBuffer.allocate(4).putInt(-1).flip(), hugeOption,
                ByteBuffer.allocate(20).putInt(3).flip().limit(20))) {
            try (NbdStream client = connect()) {
                client.read(18);
                client.write(sent);
                assertEquals(-1, client.channel().read(ByteBuffer.allocate(1)));
            }
        }
        try (NbdStream client = connect()) {
            takeExport(client);
            request(client, Nbd.CMD_WRITE, 0, Nbd.MAX_PAYLOAD + 1);
            assertEquals(-1, client.channel().read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void shouldEndWhileClientsAreThere() throws Exception {
        try (NbdStream idle = connect(); NbdStream user = connect()) {
            idle.read(18);
            takeExport(user);
            server.close();
            runner.join(1000);
            assertFalse(runner.isAlive());
        }
    }

    @Test
    void shouldDropAClientThatDoesNotEndItsNegotiation() throws Exception {
        serveAnew(false, 50);
        try (NbdStream idle = connect(); NbdStream user = connect()) {
            takeExport(user);
            idle.read(18);
            assertEquals(-1, idle.channel().read(ByteBuffer.allocate(1)));
            Thread.sleep(100);
            request(user, Nbd.CMD_FLUSH, 0, 0);
            assertEquals(0, error(user), "one that has taken the export may wait as long as it likes");
        }
    }

    @Test
    void shouldServeSoManyClientsAtATimeAndLetFurtherOnesWait() throws Exception {
        List<NbdStream> clients = new ArrayList<>();
        try {
            for (int i = 0; i < NbdServer.MAX_CONNECTIONS; i++) {
                clients.add(connect());
                takeExport(clients.getLast());
            }
            NbdStream waiting = connect();
            clients.add(waiting);
            waiting.channel().configureBlocking(false);
            Thread.sleep(100);
            assertEquals(0, waiting.channel().read(ByteBuffer.allocate(18)), "no greeting yet");
            clients.getFirst().close();
            waiting.channel().configureBlocking(true);
            takeExport(waiting);
        } finally {
            for (NbdStream each : clients) {
                each.close();
            }
        }
    }

    @Test
    void shouldLetAReadOnlyDiskBeReadOnly() throws Exception {
        serveAnew(true, 10_000);
        try (NbdStream client = connect()) {
            takeExport(client);
            for (int command : new int[] {Nbd.CMD_WRITE_ZEROES, Nbd.CMD_TRIM}) {
                request(client, command, 0, 512);
                assertEquals(Nbd.EPERM, error(client));
            }
            request(client, Nbd.CMD_WRITE, 0, 2);
            client.write(ByteBuffer.allocate(2));
            assertEquals(Nbd.EPERM, error(client));
            request(client, Nbd.CMD_READ, 0, 1);
            assertEquals(0, error(client));
        }
        QemuImg.assumePresent();
        String text = qemuIo("write 0 512");
        assertTrue(text.contains("Permission denied"), text);
    }

    @Test
    void shouldSurviveRandomBytes() throws Exception {
        RandomGenerator random = new Random(1);
        for (int i = 0; i < 200; i++) {
            try (NbdStream client = connect()) {
                byte[] noise = new byte[random.nextInt(28, 600)];
                random.nextBytes(noise);
                if (random.nextBoolean()) {
                    takeExport(client);
                    ByteBuffer.wrap(noise).putInt(0, Nbd.REQUEST_MAGIC);
                } else {
                    ByteBuffer.wrap(noise).putInt(0, 3);
                }
                client.write(ByteBuffer.wrap(noise));
            } catch (IOException _) {
                // The server has dropped it meanwhile.
            }
        }
        try (NbdStream client = connect()) {
            takeExport(client);
            request(client, Nbd.CMD_FLUSH, 0, 0);
            assertEquals(0, error(client));
        }
    }
}
