package jkvm.host.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameQueueTest {
    private final FrameQueue queue = new FrameQueue(1 << 18);

    /** @return false if there is no room */
    private boolean put(byte[] bytes) {
        NetFrame frame = queue.claim();
        if (frame == null) {
            return false;
        }
        assertSame(frame, queue.claim(), "the same until it is put in");
        frame.copyFrom(RecordingNic.frame(bytes));
        queue.commit();
        return true;
    }

    private byte[] take() {
        byte[] bytes = RecordingNic.bytes(queue.peek());
        queue.release();
        return bytes;
    }

    @Test
    void shouldGiveFramesOfAllLengthsBackInOrder() {
        Random random = new Random(1);
        ArrayDeque<byte[]> expected = new ArrayDeque<>();
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(10) == 0 ? random.nextInt(NetFrame.MAX_LENGTH) : random.nextInt(99)];
            random.nextBytes(bytes);
            if (put(bytes)) {
                expected.add(bytes);
            } else {
                refused++;
            }
            while (random.nextInt(3) == 0 && !expected.isEmpty()) {
                assertArrayEquals(expected.poll(), take());
            }
            assertEquals(expected.isEmpty(), queue.isEmpty());
            if (i % 4000 == 0) {
                while (queue.peek() != null) {
                    queue.release();
                    expected.poll();
                }
            }
        }
        assertTrue(refused > 0);
    }

    @Test
    void shouldTakeAFrameOfAnyLengthWhenItHasRoom() {
        FrameQueue smallest = new FrameQueue(Integer.highestOneBit(FrameQueue.MIN_CAPACITY - 1) * 2);
        for (int i = 0; i < 1000; i++) {
            assertTrue(smallest.hasRoom());
            smallest.claim().setLength(NetFrame.MAX_LENGTH);
            smallest.commit();
            while (smallest.hasRoom()) {
                smallest.claim().setLength(i);
                smallest.commit();
            }
            assertNull(smallest.claim());
            while (smallest.peek() != null) {
                smallest.release();
            }
            assertTrue(smallest.isEmpty());
            smallest.claim().setLength(i);
            smallest.commit();
            smallest.release();
        }
    }

    @Test
    void shouldHandOverTheFrameThatWasFilledAndNoCopy() {
        for (int i = 0; i < 1000; i++) {
            NetFrame filled = queue.claim();
            filled.setLength(i * 50);
            queue.commit();
            assertSame(filled, queue.peek());
            queue.release();
        }
    }

    /** A receiver may pad a frame and write its checksum after it. */
    @Test
    void shouldKeepFramesApartThatAreWrittenToInTheirHeadroomAndTailroom() {
        Random random = new Random(2);
        for (int i = 0; i < 1000; i++) {
            byte[] first = new byte[random.nextInt(3000)];
            byte[] second = new byte[random.nextInt(3000)];
            random.nextBytes(first);
            random.nextBytes(second);
            assertTrue(put(first) && put(second));
            NetFrame frame = queue.peek();
            frame.memory().asSlice(first.length, NetFrame.TAILROOM).fill((byte) i);
            frame.memoryWithHeadroom().asSlice(0, NetFrame.HEADROOM).fill((byte) i);
            assertArrayEquals(first, take());
            assertArrayEquals(second, take());
        }
    }

    @Test
    void shouldKeepOffloadFields() {
        NetFrame frame = RecordingNic.frame(new byte[100]);
        frame.setChecksum(34, 16);
        frame.setGso(NetFrame.GSO_TCPV6, 1440, 74);
        frame.setChecksumValid(true);
        queue.claim().copyFrom(frame);
        queue.commit();
        NetFrame taken = queue.peek();
        assertTrue(taken.needsChecksum() && taken.isChecksumValid());
        assertEquals(34, taken.checksumStart());
        assertEquals(16, taken.checksumOffset());
        assertEquals(NetFrame.GSO_TCPV6, taken.gsoType());
        assertEquals(1440, taken.gsoSize());
        assertEquals(74, taken.headerLength());
        queue.release();
        put(new byte[10]);
        taken = queue.peek();
        assertFalse(taken.hasOffload() || taken.isChecksumValid());
    }
}
