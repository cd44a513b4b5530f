package jkvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.bench.StateRun.Request;
import jkvm.bench.StateRun.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateRunTest {
    /** As QEMU 7.2 answers query-migrate. */
    private static final String ANSWER = "{\"return\": {\"status\": \"completed\", \"setup-time\": 9, \"downtime\": 23,"
            + " \"total-time\": 863, \"ram\": {\"dirty-sync-count\": 3, \"mbps\": 935.5, \"downtime-bytes\": 644}}}";

    @Test
    void shouldTakeAllRowsUnlessOneIsNamed() {
        assertEquals(new Request(List.of(Row.values()), 0, Optional.empty()), Request.parse());
        assertEquals(new Request(List.of(Row.CLONES), 0, Optional.empty()), Request.parse("clones"));
        assertEquals(new Request(List.of(Row.IDLE), 7, Optional.empty()), Request.parse("idle", "7"));
    }

    @Test
    void shouldTakeAKernelAfterTheRounds(@TempDir Path folder) throws Exception {
        Path kernel = Files.createFile(folder.resolve("vmlinuz"));

        assertEquals(new Request(List.of(Row.WRITING), 2, Optional.of(kernel)),
                Request.parse("writing", "2", kernel.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"clone", "idle 0", "restore 1 2", "writing 1 no/such/kernel", "1 idle"})
    void shouldRefuseOtherWords(String line) {
        assertThrows(IllegalArgumentException.class, () -> Request.parse(line.split(" ")));
    }

    @Test
    void shouldReadTheFiguresOfAMigration() {
        assertEquals(863, QmpSession.number(ANSWER, "total-time"));
        assertEquals(23, QmpSession.number(ANSWER, "downtime"));
        assertEquals(3, QmpSession.number(ANSWER, "dirty-sync-count"));
        assertEquals(935.5, QmpSession.number(ANSWER, "mbps"));
        assertThrows(IllegalStateException.class, () -> QmpSession.number(ANSWER, "expected-downtime"));
    }

    @Test
    void shouldCountTheMemoryOfAllClonesAsTheGuests() {
        // given: the RAM of two clones between other mappings
        List<String> smaps = List.of("7f0000000000-7f0000100000 rw-p 00000000 00:00 0", "Pss:                 300 kB",
                "7f1000000000-7f1020000000 rw-p 00000000 00:01 5   /memfd:jkvm-template (deleted)", "Pss:  4000 kB",
                "7f2000000000-7f2020000000 rw-p 00000000 00:01 5   /memfd:jkvm-template (deleted)", "Pss:  3000 kB",
                "7f3000000000-7f3000001000 r--p 00000000 00:01 7   /lib/x", "Pss:                   2 kB");

        assertEquals(new MemoryRun.Memory(302, 7000), MemoryRun.Memory.parse(smaps, "/memfd:jkvm-template"));
    }
}
