package jkvm.host.usernet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RetransmissionTimerTest {
    private static final long MILLISECOND = 1_000_000;

    private final RetransmissionTimer timer = new RetransmissionTimer();

    private void measure(int number, long sent, long milliseconds) {
        timer.sent(number, sent);
        timer.acknowledged(number, sent + milliseconds * MILLISECOND);
    }

    @Test
    void shouldWaitForTheSmoothedTimeAndFourVariations() {
        assertEquals(250 * MILLISECOND, timer.timeout());
        measure(100, 0, 400);
        assertEquals((400 + 4 * 200) * MILLISECOND, timer.timeout());
        measure(200, 0, 400);
        assertEquals((400 + 4 * 150) * MILLISECOND, timer.timeout());
        measure(300, 0, 800);
        assertEquals((450 + 4 * (150 + (400 - 150) / 4.0)) * MILLISECOND, timer.timeout(), 4);
    }

    @Test
    void shouldStayWithinItsBounds() {
        measure(100, 0, 0);
        assertEquals(RetransmissionTimer.FIRST_TIMEOUT, timer.timeout());
        measure(200, 0, 60_000);
        assertEquals(RetransmissionTimer.MAX_TIMEOUT, timer.timeout());
    }

    @Test
    void shouldDoubleItsTimeUntilSomethingIsMeasured() {
        for (int i = 0; i < 4; i++) {
            timer.expired();
        }
        assertEquals(4000 * MILLISECOND, timer.timeout());
        for (int i = 0; i < 100; i++) {
            timer.expired();
        }
        assertEquals(RetransmissionTimer.MAX_TIMEOUT, timer.timeout());
        measure(100, 0, 1);
        assertEquals(RetransmissionTimer.FIRST_TIMEOUT, timer.timeout());
    }

    @Test
    void shouldNotMeasureWhatWasSentAgain() {
        timer.sent(100, 0);
        timer.expired();
        timer.acknowledged(100, 5000 * MILLISECOND);
        assertEquals(500 * MILLISECOND, timer.timeout());
        timer.sent(200, 0);
        timer.resent();
        timer.acknowledged(200, 5000 * MILLISECOND);
        assertEquals(500 * MILLISECOND, timer.timeout());
    }

    @Test
    void shouldMeasureOneSegmentAtATimeAcrossTheEndOfSequenceNumbers() {
        int last = Integer.MAX_VALUE - 10;
        timer.sent(last, 0);
        timer.sent(last + 100, 300 * MILLISECOND);
        timer.acknowledged(last - 1, 400 * MILLISECOND);
        assertEquals(250 * MILLISECOND, timer.timeout());
        timer.acknowledged(last + 100, 400 * MILLISECOND);
        assertTrue(timer.timeout() > 1100 * MILLISECOND);
    }
}
