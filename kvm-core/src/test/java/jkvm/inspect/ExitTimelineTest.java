package jkvm.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import jkvm.abi.KvmExit;
import org.junit.jupiter.api.Test;

class ExitTimelineTest {
    private static final long ORIGIN = -5_000;
    private static final int OUT = ExitStatistics.kind(KvmExit.IO, true);
    private static final int HALT = ExitStatistics.kind(KvmExit.HLT, false);

    private final ExitTimeline timeline = new ExitTimeline(ORIGIN);

    private void record(int kind, long entered, long exited, long handled) {
        timeline.record(kind, ORIGIN + entered, ORIGIN + exited, ORIGIN + handled);
    }

    @Test
    void shouldCountExitsInTheIntervalInWhichTheyWere() {
        long length = timeline.intervalNanos();
        record(OUT, 0, 10, 20);
        record(OUT, 20, length + 5, length + 6);
        record(HALT, length + 6, 3 * length, 3 * length + 1);

        assertEquals(Set.of("IO out", "HLT"), timeline.counts().keySet());
        assertEquals("[1, 1, 0, 0]", Arrays.toString(Arrays.copyOf(timeline.counts().get("IO out"), 4)));
        assertEquals("[0, 0, 0, 1]", Arrays.toString(Arrays.copyOf(timeline.counts().get("HLT"), 4)));
    }

    @Test
    void shouldSpreadTimeOverTheIntervalsThatItLiesIn() {
        long length = timeline.intervalNanos();
        record(OUT, 0, 2 * length + 7, 3 * length + 1);

        assertEquals("[%d, %d, 7, 0]".formatted(length, length),
                Arrays.toString(Arrays.copyOf(timeline.guestNanos(), 4)));
        assertEquals("[0, 0, %d, 1]".formatted(length - 7),
                Arrays.toString(Arrays.copyOf(timeline.handlerNanos(), 4)));
    }

    @Test
    void shouldKeepEveryExitOfAWeekInTheSameMemory() {
        long week = 7L * 24 * 3600 * 1_000_000_000;
        long at = 0;
        int exits = 0;
        while (at < week) {
            long next = at + at / 10 + 1000;
            record(OUT, at, next - 100, next);
            at = next;
            exits++;
        }

        assertEquals(exits, Arrays.stream(timeline.counts().get("IO out")).sum());
        assertEquals(at, Arrays.stream(timeline.guestNanos()).sum() + Arrays.stream(timeline.handlerNanos()).sum());
        assertEquals(ExitTimeline.INTERVALS, timeline.guestNanos().length);
        assertTrue(timeline.intervalNanos() * ExitTimeline.INTERVALS > week);
    }

    @Test
    void shouldCountTheTimeAfterTheLastExit() {
        record(OUT, 0, 10, 20);
        timeline.end(ORIGIN + 20, ORIGIN + 120);

        assertEquals(110, timeline.guestNanos()[0]);
    }

    @Test
    void shouldTakeWhatLiesBeforeItsOrigin() {
        record(OUT, -100, -50, 10);

        assertEquals(1, timeline.counts().get("IO out")[0]);
        assertEquals(0, timeline.guestNanos()[0]);
        assertEquals(10, timeline.handlerNanos()[0]);
    }
}
