package jkvm.soft.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class HostTimersTest {

    @Test
    void shouldExpireInTimeAndNeverEarly() throws InterruptedException {
        try (HostTimers timers = new HostTimers("test")) {
            CountDownLatch done = new CountDownLatch(1);
            AtomicLong expiredAt = new AtomicLong();
            Timers.Timer timer = timers.timer(() -> {
                expiredAt.set(timers.nanos());
                done.countDown();
            });
            long deadline = timers.nanos() + 5_000_000;
            timer.start(deadline + 1_000_000_000);
            timer.start(deadline);
            assertTrue(done.await(10, TimeUnit.SECONDS));
            assertTrue(expiredAt.get() >= deadline);
        }
    }

    @Test
    void shouldNotExpireWhenStopped() throws InterruptedException {
        try (HostTimers timers = new HostTimers("test")) {
            CountDownLatch stopped = new CountDownLatch(1);
            CountDownLatch later = new CountDownLatch(1);
            Timers.Timer timer = timers.timer(stopped::countDown);
            timer.start(timers.nanos() + 20_000_000);
            timer.stop();
            timers.timer(later::countDown).start(timers.nanos() + 40_000_000);
            assertTrue(later.await(10, TimeUnit.SECONDS));
            assertEquals(1, stopped.getCount());
        }
    }

    @Test
    void shouldExpireInOrderOfDeadlines() {
        SteppedTimers timers = new SteppedTimers();
        StringBuilder order = new StringBuilder();
        Timers.Timer[] all = new Timers.Timer[26];
        for (int i = 0; i < all.length; i++) {
            char letter = (char) ('a' + i);
            all[i] = timers.timer(() -> order.append(letter));
            all[i].start(1 + i * 7 % 26);
        }
        all[3].stop();
        all[25].start(0);
        timers.advance(30);
        assertEquals(25, order.length());
        assertEquals('z', order.charAt(0));
        assertFalse(order.toString().contains("d"));
        for (int i = 2; i < order.length(); i++) {
            assertTrue((order.charAt(i - 1) - 'a') * 7 % 26 < (order.charAt(i) - 'a') * 7 % 26);
        }
    }
}
