package jkvm.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jkvm.abi.KvmExit;
import jkvm.inspect.ExitStatistics.Row;
import org.junit.jupiter.api.Test;

class ExitStatisticsTest {
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
    void shouldShowNothingOfAVcpuThatNeverRan() {
        assertEquals("", ExitStatistics.table(ExitStatistics.merge(List.of(first))));
    }
}
