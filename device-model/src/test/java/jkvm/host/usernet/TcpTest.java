package jkvm.host.usernet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import jkvm.app.options.ErrorText;
import jkvm.host.net.NetOffload;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TcpTest {
    private UserBackend backend;
    private NetGuest guest;
    private ServerSocket server;

    @BeforeEach
    void begin() throws IOException {
        backend = new UserBackend(UserConfig.defaults(), Workers.onThreads());
        guest = new NetGuest(backend, 1024);
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void end() throws IOException {
        guest.close();
        server.close();
        assertEquals(0, backend.statistics().failures());
    }

    private interface Dialogue {
        void hold(Socket socket) throws IOException;
    }

    /** Holds the dialogue with the first who connects. */
    private CompletableFuture<Void> serve(Dialogue dialogue) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try (Socket socket = server.accept()) {
                dialogue.hold(socket);
                done.complete(null);
            } catch (IOException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private GuestTcp connect() {
        GuestTcp tcp = GuestTcp.to(guest, 40000, server.getLocalPort());
        tcp.connect();
        assertTrue(tcp.connected);
        return tcp;
    }

    private static void echo(Socket socket) throws IOException {
        socket.getInputStream().transferTo(socket.getOutputStream());
        socket.shutdownOutput();
    }

    @Test
    void shouldCarryBytesBothWaysAndEndBoth() throws Exception {
        CompletableFuture<Void> done = serve(TcpTest::echo);
        GuestTcp tcp = connect();
        byte[] bytes = random(100_000);
        tcp.queue(bytes, true);
        assertTrue(tcp.runUntil(() -> tcp.ended && tcp.allAcknowledged(), 5000));
        assertArrayEquals(bytes, tcp.received());
        done.get();
        assertTrue(tcp.runUntil(() -> backend.statistics().tcpFlows() == 0, 3000));
    }

    @Test
    void shouldDownload64MebibytesUnharmed() throws Exception {
        byte[] bytes = random(64 << 20);
        serve(socket -> socket.getOutputStream().write(bytes));
        GuestTcp tcp = connect();
        assertTrue(tcp.runUntil(() -> tcp.ended, 40_000), () -> "got " + tcp.receivedCount());
        assertArrayEquals(bytes, tcp.received());
        assertEquals(0, guest.unsureFrames(), "the card need not check what was made here");
    }

    @Test
    void shouldDownload64MebibytesThroughFramesThatTheGuestCuts() throws Exception {
        byte[] bytes = random(64 << 20);
        guest.setOffloads(NetOffload.ALL);
        serve(socket -> socket.getOutputStream().write(bytes));
        GuestTcp tcp = connect();
        assertTrue(tcp.runUntil(() -> tcp.ended, 40_000), () -> "got " + tcp.receivedCount());
        assertArrayEquals(bytes, tcp.received());
        assertTrue(guest.longestFrame() > 20_000, "long frames were used");
    }

    @Test
    void shouldUpload64MebibytesUnharmed() throws Exception {
        byte[] bytes = random(64 << 20);
        CompletableFuture<byte[]> got = new CompletableFuture<>();
        serve(socket -> got.complete(socket.getInputStream().readAllBytes()));
        GuestTcp tcp = connect();
        tcp.queue(bytes, true);
        assertTrue(tcp.runUntil(tcp::allAcknowledged, 40_000));
        assertArrayEquals(bytes, got.get());
        assertTrue(tcp.largestWindowSeen > 0xffff, "the window is scaled");
    }

    @Test
    void shouldSurviveLossAndReordering() throws Exception {
        byte[] bytes = random(2 << 20);
        serve(TcpTest::echo);
        GuestTcp tcp = connect();
        guest.setTrouble(0.01, 0.02);
        tcp.queue(bytes, true);
        assertTrue(tcp.runUntil(() -> tcp.ended && tcp.allAcknowledged(), 40_000), () -> "got " + tcp.receivedCount());
        assertArrayEquals(bytes, tcp.received());
    }

    @Test
    void shouldSendOneSegmentAgainToAGuestThatIsSilent() throws Exception {
        byte[] bytes = random(400_000);
        serve(socket -> {
            socket.getOutputStream().write(bytes);
            socket.getInputStream().read();
        });
        GuestTcp tcp = connect();
        assertTrue(tcp.runUntil(() -> tcp.receivedCount() > 0, 2000));
        List<Integer> sequences = segments(900);
        long different = sequences.stream().distinct().count();
        assertTrue(different > 20, () -> different + " segments under way");
        assertTrue(sequences.size() - different <= 3, () -> sequences.size() + " segments, again and again");
        tcp.sendAck();
        assertTrue(tcp.runUntil(() -> tcp.receivedCount() == bytes.length, 5000));
    }

    @Test
    void shouldLearnThatAGuestTakesItsTime() throws Exception {
        int rounds = 6;
        serve(socket -> {
            for (int i = 0; i < rounds; i++) {
                socket.getOutputStream().write(new byte[100]);
                pause(600);
            }
        });
        GuestTcp tcp = connect();
        int segments = 0;
        for (int i = 0; i < rounds; i++) {
            segments += segments(400).size();
            tcp.acknowledgeNext(100);
            segments += segments(200).size();
        }
        int sent = segments;
        assertTrue(sent >= rounds && sent <= rounds + 3, () -> sent + " segments for " + rounds);
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sequence numbers of the segments with data that come within a time, to a guest that says nothing. */
    private List<Integer> segments(long milliseconds) {
        List<Integer> sequences = new ArrayList<>();
        long end = System.nanoTime() + milliseconds * 1_000_000;
        for (long left = milliseconds; left > 0; left = (end - System.nanoTime()) / 1_000_000) {
            guest.awaitPacket(left, packet -> packet.protocol() == Packets.TCP && packet.payload().length > 20)
                    .ifPresent(segment -> sequences.add(ByteBuffer.wrap(segment.payload()).getInt(4)));
        }
        return sequences;
    }

    @Test
    void shouldWaitWhileTheGuestsWindowIsShut() throws Exception {
        byte[] bytes = random(1 << 20);
        serve(socket -> socket.getOutputStream().write(bytes));
        GuestTcp tcp = GuestTcp.to(guest, 40000, server.getLocalPort());
        tcp.receiveWindow = 0;
        tcp.connect();
        tcp.runUntil(() -> false, 700);
        assertTrue(tcp.receivedCount() <= 16, "only probes");
        tcp.receiveWindow = 1 << 20;
        tcp.sendAck();
        assertTrue(tcp.runUntil(() -> tcp.ended, 10_000));
        assertArrayEquals(bytes, tcp.received());
    }

    @Test
    void shouldShutItsWindowWhileTheHostDoesNotRead() throws Exception {
        byte[] bytes = random(16 << 20);
        CompletableFuture<Void> go = new CompletableFuture<>();
        CompletableFuture<byte[]> got = new CompletableFuture<>();
        serve(socket -> {
            go.join();
            got.complete(socket.getInputStream().readAllBytes());
        });
        GuestTcp tcp = connect();
        tcp.queue(bytes, true);
        assertFalse(tcp.runUntil(tcp::allAcknowledged, 1000));
        go.complete(null);
        assertTrue(tcp.runUntil(tcp::allAcknowledged, 20_000));
        assertArrayEquals(bytes, got.get());
    }

    @Test
    void shouldGoOnReceivingAfterTheGuestHasEnded() throws Exception {
        byte[] answer = random(300_000);
        CompletableFuture<Integer> heard = new CompletableFuture<>();
        serve(socket -> {
            heard.complete(socket.getInputStream().readAllBytes().length);
            socket.getOutputStream().write(answer);
        });
        GuestTcp tcp = connect();
        tcp.queue(new byte[10], true);
        assertTrue(tcp.runUntil(() -> tcp.ended, 5000));
        assertEquals(10, heard.get());
        assertArrayEquals(answer, tcp.received());
    }

    @Test
    void shouldResetAConnectionThatTheHostRefuses() throws IOException {
        int port = server.getLocalPort();
        server.close();
        GuestTcp tcp = GuestTcp.to(guest, 40000, port);
        tcp.connect();
        assertTrue(tcp.reset);
        assertEquals(0, backend.statistics().tcpFlows());
    }

    @Test
    void shouldPassOnAResetFromEitherSide() throws Exception {
        serve(socket -> {
            socket.getInputStream().read();
            socket.setSoLinger(true, 0);
        });
        GuestTcp tcp = connect();
        tcp.queue(new byte[1], false);
        assertTrue(tcp.runUntil(() -> tcp.reset, 3000));

        CompletableFuture<Void> broken = serve(socket -> socket.getInputStream().read());
        GuestTcp second = GuestTcp.to(guest, 40001, server.getLocalPort());
        second.connect();
        second.sendReset();
        assertTrue(broken.handle((_, failure) -> failure != null).get(), "the server sees a broken connection");
    }

    @Test
    void shouldLeadAForwardedPortToTheGuest() throws Exception {
        backend.close();
        UserConfig.Forward forward = new UserConfig.Forward(false, Optional.of(InetAddress.getLoopbackAddress()), 0,
                Optional.empty(), 80);
        backend = new UserBackend(UserConfig.defaults().withForwards(List.of(forward)).withRestrict(true),
                Workers.onThreads());
        guest = new NetGuest(backend);
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), backend.forwardedPorts().getFirst())) {
            Packets.Parsed syn = guest.awaitPacket(2000, packet -> packet.protocol() == Packets.TCP).orElseThrow();
            assertEquals(NetGuest.GATEWAY, syn.source());
            GuestTcp tcp = GuestTcp.to(guest, 80, syn.sourcePort());
            tcp.accept(syn);
            client.getOutputStream().write("question".getBytes());
            client.shutdownOutput();
            assertTrue(tcp.runUntil(() -> tcp.ended, 2000));
            assertEquals("question", new String(tcp.received()));
            tcp.queue("answer".getBytes(), true);
            assertTrue(tcp.runUntil(tcp::allAcknowledged, 2000));
            assertEquals("answer", new String(client.getInputStream().readAllBytes()));
        }
    }

    private static String refusal(String address, int port) throws IOException {
        UserConfig.Forward forward = new UserConfig.Forward(false, Optional.of(InetAddress.getByName(address)), port,
                Optional.empty(), 80);
        UserConfig config = UserConfig.defaults().withForwards(List.of(forward));
        ForwardException e = assertThrows(ForwardException.class,
                () -> new UserBackend(config, Workers.onThreads()));
        assertEquals(forward, e.forward());
        return ErrorText.of(e).orElseThrow();
    }

    @Test
    void shouldSayWhatToDoAboutAPortThatCannotBeHad() throws IOException {
        int taken = server.getLocalPort();
        assertEquals("hostfwd: cannot listen on tcp port " + taken + " of 127.0.0.1: Address already in use;"
                + " choose another port", refusal("127.0.0.1", taken));
        assertEquals("hostfwd: cannot listen on tcp port " + taken + " of 192.0.2.1: Cannot assign requested address;"
                + " name an address of this host, or none for all of them", refusal("192.0.2.1", taken));
    }
}
