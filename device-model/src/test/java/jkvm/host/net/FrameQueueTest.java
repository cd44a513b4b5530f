package jkvm.host.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameQueueTest {
    private final FrameQueue queue = new FrameQueue(FrameQueue.MIN_CAPACITY);
    private final NetFrame taken = new NetFrame();

    @Test
    void shouldGiveFramesOfAllLengthsBackInOrder() {
        Random random = new Random(1);
        ArrayDeque<byte[]> expected = new ArrayDeque<>();
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(10) == 0 ? random.nextInt(NetFrame.MAX_LENGTH) : random.nextInt(99)];
            random.nextBytes(bytes);
            if (queue.offer(RecordingNic.frame(bytes))) {
                expected.add(bytes);
            } else {
                refused++;
            }
            while (random.nextInt(3) == 0 && !expected.isEmpty()) {
                assertTrue(queue.poll(taken));
                assertArrayEquals(expected.poll(), RecordingNic.bytes(taken));
            }
            assertEquals(expected.isEmpty(), queue.isEmpty());
            if (i % 4000 == 0) {
                while (queue.poll(taken)) {
                    expected.poll();
                }
            }
        }
        assertTrue(refused > 0);
    }

    @Test
    void shouldTakeAFrameOfAnyLengthWhenItHasRoom() {
        NetFrame longest = new NetFrame();
        longest.setLength(NetFrame.MAX_LENGTH);
        for (int i = 0; i < 100; i++) {
            assertTrue(queue.hasRoom());
            assertTrue(queue.offer(longest));
            assertFalse(queue.hasRoom());
            assertTrue(queue.poll(taken));
            queue.offer(RecordingNic.frame(new byte[i]));
            queue.poll(taken);
        }
    }

    @Test
    void shouldKeepOffloadFields() {
        NetFrame frame = RecordingNic.frame(new byte[100]);
        frame.setChecksum(34, 16);
        frame.setGso(NetFrame.GSO_TCPV6, 1440, 74);
        frame.setChecksumValid(true);
        queue.offer(frame);
        queue.poll(taken);
        assertTrue(taken.needsChecksum() && taken.isChecksumValid());
        assertEquals(34, taken.checksumStart());
        assertEquals(16, taken.checksumOffset());
        assertEquals(NetFrame.GSO_TCPV6, taken.gsoType());
        assertEquals(1440, taken.gsoSize());
        assertEquals(74, taken.headerLength());
        queue.offer(RecordingNic.frame(new byte[10]));
        queue.poll(taken);
        assertFalse(taken.hasOffload() || taken.isChecksumValid());
    }
}
