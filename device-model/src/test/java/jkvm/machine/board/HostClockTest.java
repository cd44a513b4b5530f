package jkvm.machine.board;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import jkvm.work.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HostClockTest {
    private static final int MANY = 3000;

    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldStandWhenItIsPausedInTheMomentOfItsStart() {
        for (int i = 0; i < MANY; i++) {
            try (Workers workers = Workers.onThreads()) {
                HostClock clock = new HostClock(Duration.ZERO, workers);
                clock.start();
                clock.pause();

                workers.pause();

                assertEquals(clock.nanoTime(), clock.nanoTime());
            }
        }
    }
}
