package jkvm.host.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NetPortTest {
    private final RecordingBackend backend = new RecordingBackend();
    private final Card card = new Card();
    private final NetPort port = new NetPort(backend, card);
    private final byte[] frame = Frames.toNic(60);

    /** A card with room for some frames. */
    private static final class Card implements NetPort.Card {
        private int room = 1;
        private int asked;
        private int stored;
        private int ready;
        private Runnable whenRefused = () -> { };

        @Override
        public boolean store(NetFrame incoming) {
            asked++;
            if (room == 0) {
                whenRefused.run();
                return false;
            }
            room--;
            stored++;
            return true;
        }

        @Override
        public void sendReady() {
            ready++;
        }

        @Override
        public int offloads() {
            return NetOffload.CHECKSUM;
        }
    }

    @BeforeEach
    void attach() {
        port.attach();
    }

    @Test
    void shouldTellABackendThatWaitsOnceThatThereIsRoom() {
        port.roomMade();
        assertTrue(backend.offer(frame));
        assertFalse(backend.offer(frame));
        assertTrue(port.isAwaited());
        assertEquals(0, backend.readyCalls);
        card.room = 1;
        port.roomMade();
        port.roomMade();
        assertEquals(1, backend.readyCalls);
        assertFalse(port.isAwaited());
        assertTrue(backend.offer(frame));
        assertEquals(2, card.stored);
    }

    @Test
    void shouldNotMissRoomThatIsMadeWhileTheCardRefuses() {
        card.room = 0;
        card.whenRefused = () -> {
            card.room = 1;
            port.roomMade();
        };
        assertTrue(backend.offer(frame), "it is asked once more after the port has noted that the backend waits");
        assertEquals(2, card.asked);
        assertFalse(port.isAwaited());
        assertEquals(0, backend.readyCalls);
    }

    @Test
    void shouldLendTheBackendsBufferAndSendIt() {
        NetFrame buffer = port.claim();
        buffer.copyFrom(RecordingNic.frame(frame));
        port.send(buffer);
        assertEquals(1, backend.sent.size());
        backend.full = true;
        assertNull(port.claim());
        backend.device().sendReady();
        assertEquals(1, card.ready);
        assertEquals(NetOffload.CHECKSUM, backend.device().offloads());
    }

    @Test
    void shouldLoseFramesBothWaysWithoutACable() {
        NetFrame claimed = port.claim();
        claimed.setLength(60);
        assertTrue(port.setPlugged(false));
        assertFalse(port.setPlugged(false), "no change");
        port.send(claimed);
        backend.full = true;
        NetFrame lost = port.claim();
        assertNotNull(lost, "a full wire that nobody is plugged into keeps no card waiting");
        port.send(lost);
        assertTrue(backend.offer(frame));
        assertEquals(0, card.asked);
        assertTrue(port.setPlugged(true));
        port.send(lost);
        backend.full = false;
        assertEquals(0, backend.count);
        assertTrue(backend.offer(frame));
        assertEquals(1, card.stored);
    }

    @Test
    void shouldAskTheCardForNothingAfterTheEnd() {
        port.close();
        assertTrue(backend.offer(frame));
        port.send(port.claim());
        assertEquals(0, card.asked);
        assertEquals(0, backend.count);
    }
}
