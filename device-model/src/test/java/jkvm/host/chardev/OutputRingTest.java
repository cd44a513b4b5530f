package jkvm.host.chardev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class OutputRingTest {
    private final OutputRing ring = new OutputRing(true);
    private final byte[] chunk = new byte[2];

    @Test
    void shouldTellThatBytesWereForAReaderWhoHasGone() {
        ring.offer((byte) 1);
        assertEquals(1, ring.take(chunk));
        assertFalse(ring.isReaderGone());

        ring.setOpen(false);
        ring.setOpen(true);
        assertTrue(ring.isReaderGone(), "the next reader does not get what was taken for the one before");

        ring.offer((byte) 2);
        assertEquals(1, ring.take(chunk));
        assertFalse(ring.isReaderGone());
        assertEquals(2, chunk[0]);
    }

    @Test
    void shouldDropWhatNobodyReads() {
        ring.offer((byte) 1);
        ring.setOpen(false);
        assertTrue(ring.offer((byte) 2));
        ring.setOpen(true);
        ring.offer((byte) 3);

        assertEquals(1, ring.take(chunk));
        assertEquals(3, chunk[0]);
    }
}
