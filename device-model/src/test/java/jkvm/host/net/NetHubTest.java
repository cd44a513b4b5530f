package jkvm.host.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class NetHubTest {
    private static final byte[] FRAME = {1, 2, 3, 4};

    private final NetHub hub = new NetHub("hub", Workers.onThreads());
    private final RecordingBackend network = new RecordingBackend();
    private final Card first = new Card();
    private final Card second = new Card();

    /** A card that keeps what it gets. */
    private final class Card implements NetDevice {
        private final NetBackend port = hub.cardPort();
        private final List<byte[]> frames = new ArrayList<>();
        private boolean isReady;

        Card() {
            port.attach(this);
        }

        @Override
        public synchronized boolean receive(NetFrame frame) {
            byte[] bytes = new byte[frame.length()];
            frame.data().get(0, bytes);
            frames.add(bytes);
            frame.data().put(0, (byte) 0xFF);   // as a card may
            return true;
        }

        @Override
        public synchronized void sendReady() {
            isReady = true;
        }

        @Override
        public int offloads() {
            return 0;
        }

        synchronized int count() {
            return frames.size();
        }

        synchronized boolean isReady() {
            return isReady;
        }

        void send() {
            NetFrame frame = port.claim();
            frame.data().put(0, FRAME);
            frame.setLength(FRAME.length);
            frame.clearOffload();
            port.send(frame);
        }
    }

    @AfterEach
    void close() {
        hub.close();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(1);
        }
    }

    @Test
    void shouldCarryACardsFramesToAllOthersAndNotBack() throws Exception {
        hub.connect(network);

        first.send();

        await(() -> second.count() == 1 && network.count == 1);
        assertArrayEquals(FRAME, second.frames.getFirst());
        assertArrayEquals(FRAME, network.sent.getFirst());
        assertEquals(0, first.count());
    }

    @Test
    void shouldCarryANetworksFramesToAllCardsEachUnchanged() throws Exception {
        hub.connect(network);

        assertTrue(network.device().receive(network.frame(FRAME)));

        await(() -> first.count() == 1 && second.count() == 1);
        assertArrayEquals(FRAME, first.frames.getFirst());
        assertArrayEquals(FRAME, second.frames.getFirst());
        assertEquals(0, network.count);
    }

    @Test
    void shouldGoOnWithoutAPortThatHasNoRoom() throws Exception {
        network.full = true;
        hub.connect(network);

        first.send();
        first.send();

        await(() -> second.count() == 2);
        assertEquals(0, network.count);
    }

    @Test
    void shouldSayWhenAFullQueueHasRoomAgain() throws Exception {
        int sent = 0;
        for (NetFrame frame = first.port.claim(); frame != null; frame = first.port.claim()) {
            frame.setLength(NetFrame.MAX_LENGTH);
            frame.clearOffload();
            first.port.send(frame);
            sent++;
        }
        int all = sent;

        await(first::isReady);
        await(() -> second.count() == all);
        assertNotNull(first.port.claim());
    }

    @Test
    void shouldCallNoCardThatIsUnplugged() throws Exception {
        second.port.close();

        first.send();
        hub.connect(network);
        first.send();

        await(() -> network.count > 0);
        assertEquals(0, second.count());
        assertFalse(second.isReady());
    }
}
