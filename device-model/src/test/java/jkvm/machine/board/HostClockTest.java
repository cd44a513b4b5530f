package jkvm.machine.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jkvm.machine.config.RtcConfig;
import jkvm.work.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HostClockTest {
    private static final int MANY = 3000;

    @Test
    void shouldShowTheDateOfTheClockThatItFollows() {
        Duration offset = Duration.ofDays(1000);
        try (Workers workers = Workers.onThreads()) {
            HostClock guest = new HostClock(offset, RtcConfig.Source.GUEST, workers);
            HostClock monotonic = new HostClock(offset, RtcConfig.Source.MONOTONIC, workers);
            guest.pause();
            monotonic.pause();

            Instant paused = guest.wallTime();
            Instant running = monotonic.wallTime();
            LockSupport.parkNanos(Duration.ofMillis(2).toNanos());

            assertEquals(paused, guest.wallTime());
            assertTrue(monotonic.wallTime().isAfter(running.plusMillis(1)));
            Duration ahead = Duration.between(Instant.now(), monotonic.wallTime());
            assertTrue(ahead.minus(offset).abs().compareTo(Duration.ofMinutes(1)) < 0, ahead.toString());
        }
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldStandWhenItIsPausedInTheMomentOfItsStart() {
        for (int i = 0; i < MANY; i++) {
            try (Workers workers = Workers.onThreads()) {
                HostClock clock = new HostClock(Duration.ZERO, RtcConfig.Source.HOST, workers);
                clock.start();
                clock.pause();

                workers.pause();

                assertEquals(clock.nanoTime(), clock.nanoTime());
            }
        }
    }
}
