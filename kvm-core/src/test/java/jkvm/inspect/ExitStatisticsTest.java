package jkvm.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import jkvm.abi.KvmExit;
import jkvm.inspect.ExitStatistics.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExitStatisticsTest {
    private static final int EXITS = 100_000;
    /** Steady is what the compiler has seen enough of. */
    private static final int ROUNDS = 8;

    private final ExitStatistics first = new ExitStatistics();
    private final ExitStatistics second = new ExitStatistics();

    @Test
    void shouldTellReadsFromWrites() {
        first.record(KvmExit.IO, true, 30, 3);
        first.record(KvmExit.IO, true, 10, 4);
        first.record(KvmExit.IO, false, 20, 5);

        assertEquals(List.of(new Row("IO out", 2, 7, 40, 10), new Row("IO in", 1, 5, 20, 20)),
                ExitStatistics.merge(List.of(first)));
    }

    @Test
    void shouldAddUpVcpusAndPutTheMostFrequentFirst() {
        first.record(KvmExit.HLT, false, 100, 1);
        first.record(KvmExit.MMIO, false, 50, 2);
        second.record(KvmExit.MMIO, false, 40, 3);

        assertEquals(List.of(new Row("MMIO read", 2, 5, 90, 40), new Row("HLT", 1, 1, 100, 100)),
                ExitStatistics.merge(List.of(first, second)));
    }

    @Test
    void shouldCountReasonsThatItDoesNotKnow() {
        first.record(1000, false, 1, 1);
        first.record(2000, false, 1, 1);

        assertEquals(List.of(new Row("others", 2, 2, 2, 1)), ExitStatistics.merge(List.of(first)));
    }

    @Test
    void shouldShowMeansInMicrosecondsAndTotals() {
        first.record(KvmExit.IO, true, 2000, 500);
        first.record(KvmExit.IO, true, 4000, 1500);

        List<String> lines = ExitStatistics.table(ExitStatistics.merge(List.of(first))).lines().toList();

        assertEquals(4, lines.size());
        assertTrue(lines.get(2).matches("IO out +2 +1\\.0 +3\\.0 +2\\.0"), lines.get(2));
        assertTrue(lines.get(3).matches("all +2 +1\\.0 +3\\.0 +2\\.0"), lines.get(3));
    }

    @Test
    void shouldTellPlacesAndSizesApart() {
        first.record(KvmExit.IO, true, 0x3f8, 1, 100, 10);
        first.record(KvmExit.IO, true, 0x3f8, 1, 300, 30);
        first.record(KvmExit.IO, true, 0x3f8, 2, 50, 5);
        second.record(KvmExit.IO, true, 0x3f8, 1, 200, 20);

        List<ExitPlace> places = ExitStatistics.places(List.of(first, second));

        ExitPlace bytes = places.getFirst();
        assertEquals(List.of("IO out", 0x3f8L, 1), List.of(bytes.exit(), bytes.place(), bytes.size()));
        assertEquals(3, bytes.count());
        assertEquals(60, bytes.handler().totalNanos());
        assertEquals(List.of(600L, 100L, 300L), List.of(bytes.guest().totalNanos(), bytes.guest().leastNanos(),
                bytes.guest().mostNanos()));
        assertEquals(200, bytes.guest().medianNanos(), 200 / 8);
        assertEquals(2, places.get(1).size());
        assertEquals(List.of(new Row("IO out", 4, 65, 650, 50)), ExitStatistics.merge(List.of(first, second)));
    }

    @Test
    void shouldCountPlacesThatAreTooManyByTheirKindAlone() {
        int places = ExitStatistics.MAX_PLACES + 100;
        for (int place = 0; place < places; place++) {
            first.record(KvmExit.MMIO, true, 0xfeb00000L + place, 4, 1, 1);
        }

        List<ExitPlace> counted = ExitStatistics.places(List.of(first));

        assertEquals(ExitStatistics.MAX_PLACES + 1, counted.size());
        assertEquals(new Row("MMIO write", places, places, places, 1),
                ExitStatistics.merge(List.of(first)).getFirst());
        assertEquals(ExitStatistics.NO_PLACE, counted.getFirst().place());
        assertEquals(100, counted.getFirst().count());
    }

    @Test
    void shouldCountTheExitsOfAKindByPowersOfTwoOfTheirCost() {
        first.record(KvmExit.IO, true, 0x80, 1, 1024, 0);
        first.record(KvmExit.IO, true, 0x81, 1, 2047, 3);
        second.record(KvmExit.IO, true, 0x80, 1, 2048, 4);
        second.record(KvmExit.HLT, false, 1, 1);

        List<ExitCost> costs = ExitStatistics.costs(List.of(first, second));

        assertEquals(List.of("IO out", "HLT"), costs.stream().map(ExitCost::exit).toList());
        ExitCost out = costs.getFirst();
        assertEquals(List.of(2L, 1L), List.of(out.guestPowers()[10], out.guestPowers()[11]));
        assertEquals(List.of(1L, 1L, 1L), List.of(out.handlerPowers()[0], out.handlerPowers()[1],
                out.handlerPowers()[2]));
        assertEquals(3, out.handler().count());
    }

    @Test
    void shouldAllocateNothingForAPlaceThatItKnows() {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && allocated >= EXITS; round++) {
            long before = thread.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < EXITS; i++) {
                first.record(KvmExit.IO, true, 0x3f8 + i % 8, 1, i, i);
            }
            allocated = thread.getCurrentThreadAllocatedBytes() - before;
        }
        assertTrue(allocated < EXITS, allocated + " bytes for " + EXITS + " exits");
    }

    @Test
    void shouldFindPercentilesToAnEighth() {
        for (int i = 1; i <= 1000; i++) {
            first.record(KvmExit.HLT, false, i * 1000L, i);
        }

        ExitPlace.Times guest = ExitStatistics.places(List.of(first)).getFirst().guest();

        assertEquals(500_000, guest.medianNanos(), 500_000 / 8);
        assertEquals(990_000, guest.p99Nanos(), 990_000 / 8);
        assertEquals(1_000_000, guest.mostNanos());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 4, 5, 7, 8, 1000, 123_456_789, 1L << 40, Long.MAX_VALUE})
    void shouldPutAnyDurationIntoABucketWhoseMiddleIsNear(long nanos) {
        long middle = LatencyHistogram.middle(LatencyHistogram.bucket(nanos));

        long bounded = Math.min(nanos, (1L << 49) - 1);
        assertEquals(bounded, middle, bounded / 8.0);
    }

    @Test
    void shouldShowNothingOfAVcpuThatNeverRan() {
        assertEquals("", ExitStatistics.table(ExitStatistics.merge(List.of(first))));
    }
}
