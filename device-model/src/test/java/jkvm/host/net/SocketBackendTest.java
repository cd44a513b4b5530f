package jkvm.host.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import jkvm.work.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SocketBackendTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private final RecordingNic nic = new RecordingNic();
    private final RecordingNic otherNic = new RecordingNic();

    private static SocketBackend connect(SocketBackend server) throws IOException {
        return SocketBackend.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
                Workers.onThreads());
    }

    @Test
    void shouldCarryFramesBetweenTwoMachines() throws IOException {
        try (SocketBackend server = SocketBackend.listen(ANY_PORT, Workers.onThreads());
                SocketBackend client = connect(server)) {
            server.attach(nic);
            client.attach(otherNic);
            Frames.offer(client, RecordingNic.frame((byte) 1, (byte) 2));
            assertTrue(nic.await(1));
            assertArrayEquals(new byte[] {1, 2}, nic.frames().getFirst());
            Frames.offer(server, RecordingNic.frame(new byte[9000]));
            assertTrue(otherNic.await(1));
            assertEquals(9000, otherNic.frames().getFirst().length);
            assertEquals(0, server.failures() + client.failures());
        }
    }

    @Test
    void shouldUseTheBigEndianLengthFraming() throws IOException {
        try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SocketBackend client = SocketBackend.connect((InetSocketAddress) peer.getLocalSocketAddress(),
                        Workers.onThreads());
                Socket socket = peer.accept()) {
            socket.setSoTimeout(5000);
            client.attach(nic);
            Frames.offer(client, RecordingNic.frame((byte) 9, (byte) 8, (byte) 7));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertEquals(3, in.readInt());
            assertArrayEquals(new byte[] {9, 8, 7}, in.readNBytes(3));
            // In pieces, two frames in one of them.
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.write(new byte[] {0, 0, 0, 2, 5});
            out.flush();
            out.write(new byte[] {6, 0, 0, 0, 1, 4});
            assertTrue(nic.await(2));
            assertArrayEquals(new byte[] {5, 6}, nic.frames().getFirst());
            assertArrayEquals(new byte[] {4}, nic.frames().get(1));
            out.writeInt(0x7fff_ffff);
            assertEquals(-1, in.read(), "a length that cannot be ends the connection");
        }
    }

    @Test
    void shouldLoseNothingWhileEitherSideIsFull() throws IOException {
        try (SocketBackend server = SocketBackend.listen(ANY_PORT, Workers.onThreads());
                SocketBackend client = connect(server)) {
            server.attach(nic);
            client.attach(otherNic);
            nic.room = 0;
            NetFrame frame = new NetFrame();
            frame.setLength(60_000);
            int sent = 0;
            int idle = 0;
            while (idle < 200) {
                if (Frames.offer(client, frame)) {
                    sent++;
                    idle = 0;
                } else {
                    idle++;
                    LockSupport.parkNanos(1_000_000);
                }
            }
            int ready = otherNic.ready;
            int total = sent;
            nic.room = Integer.MAX_VALUE;
            server.receiveReady();
            assertTrue(nic.await(total), () -> nic.frames().size() + " of " + total);
            assertTrue(RecordingNic.awaitThat(() -> otherNic.ready > ready), "told that there is room");
        }
    }

    /** A NIC that is full now and then, for a while, and knows frames by their number. */
    private static final class FitfulNic implements NetDevice {
        private final Random random = new Random(9);
        private final Semaphore ready = new Semaphore(0);
        private final AtomicInteger next = new AtomicInteger();
        private NetBackend backend;
        private volatile boolean wrong;

        @Override
        public boolean receive(NetFrame frame) {
            if (random.nextInt(16) == 0) {
                Thread.ofPlatform().daemon().start(backend::receiveReady);
                return false;
            }
            wrong |= frame.data().getInt(0) != next.getAndIncrement();
            return true;
        }

        @Override
        public void sendReady() {
            ready.release();
        }

        @Override
        public int offloads() {
            return 0;
        }

        void plug(NetBackend into) {
            backend = into;
            into.attach(this);
        }

        /** @return frames sent before a wait that did not end */
        int send(int count) throws InterruptedException {
            NetFrame frame = new NetFrame();
            for (int i = 0; i < count; i++) {
                frame.setLength(60 + i % 60 * i % 1400);
                frame.data().putInt(0, i);
                while (!Frames.offer(backend, frame)) {
                    if (!ready.tryAcquire(5, TimeUnit.SECONDS)) {
                        return i;
                    }
                }
                if (i % 1000 == 0) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
            return count;
        }
    }

    @Test
    void shouldCarryEveryFrameOnceAndInOrderBothWaysWhateverTheRhythm() throws Exception {
        int count = 30_000;
        SocketBackend server = SocketBackend.listen(ANY_PORT, Workers.onThreads());
        try (NetBackend left = new SegmentingBackend(server);
                NetBackend right = new SegmentingBackend(connect(server))) {
            FitfulNic leftNic = new FitfulNic();
            FitfulNic rightNic = new FitfulNic();
            leftNic.plug(left);
            rightNic.plug(right);
            Frames.offer(rightNic.backend, RecordingNic.frame((byte) 0, (byte) 0, (byte) 0, (byte) 0));
            assertTrue(RecordingNic.awaitThat(() -> leftNic.next.get() == 1), "the connection stands");
            leftNic.next.set(0);
            FutureTask<Integer> leftSends = new FutureTask<>(() -> leftNic.send(count));
            Thread.ofPlatform().daemon().start(leftSends);
            assertEquals(count, rightNic.send(count));
            assertEquals(count, leftSends.get());
            assertTrue(RecordingNic.awaitThat(() -> leftNic.next.get() == count && rightNic.next.get() == count),
                    () -> leftNic.next + " and " + rightNic.next + " of " + count);
            assertTrue(!leftNic.wrong && !rightNic.wrong);
        }
    }

    @Test
    void shouldTakeTheNextPeerWhenOneHasLeft() throws IOException {
        try (SocketBackend server = SocketBackend.listen(ANY_PORT, Workers.onThreads())) {
            server.attach(nic);
            assertTrue(Frames.offer(server, RecordingNic.frame((byte) 1)), "lost without a peer");
            for (int i = 1; i <= 2; i++) {
                SocketBackend client = connect(server);
                client.attach(new RecordingNic());
                Frames.offer(client, RecordingNic.frame((byte) i));
                assertTrue(nic.await(i));
                client.close();
            }
        }
    }

    @Test
    void shouldSayWhatIsWrongWithAnAddress() throws IOException {
        try (SocketBackend server = SocketBackend.listen(ANY_PORT, Workers.onThreads())) {
            InetSocketAddress taken = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
            NetworkException e = assertThrows(NetworkException.class,
                    () -> SocketBackend.listen(taken, Workers.onThreads()));
            assertEquals(NetworkException.Kind.CANNOT_LISTEN, e.kind());
            assertEquals("localhost:" + server.port(), e.subject());
            assertEquals("cannot listen on " + e.subject() + ": Address already in use", e.getMessage());
        }
        InetSocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        NetworkException e = assertThrows(NetworkException.class,
                () -> SocketBackend.connect(nobody, Workers.onThreads()));
        assertEquals(NetworkException.Kind.CANNOT_CONNECT, e.kind());
        assertEquals("cannot connect to localhost:1: Connection refused", e.getMessage());
    }
}
