package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jkvm.machine.BusyGuest.Outside;
import jkvm.machine.BusyGuest.Saved;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Saves a guest whose timer, disk, network card and serial port are at work, at counts of instructions that a seed
 * chooses, and continues each saved state in a new machine. In the end all is as in an undisturbed run, in
 * each bit: what is outside, the guest's memory, the count.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class CountedSnapshotTest {
    private static final boolean LONG = Boolean.getBoolean("jkvm.long");
    /** In the long tier; else as many as there is time for. */
    private static final int SAVES = 500;
    private static final long BUDGET_NANOS = 8_000_000_000L;
    /** Snapshots that are kept at once. */
    private static final int BATCH = 10;

    @TempDir
    private Path folder;

    /** Values that must be equal in two runs. */
    private record End(long count, long nanos, String memory, int status) {
    }

    private static End run(BusyGuest guest) {
        MachineExit exit = guest.machine.run();
        return new End(guest.clock.count(), guest.clock.nanos(), CountedRun.hash(guest.machine.memory()),
                exit.status());
    }

    @Test
    void shouldGoOnInAnotherMachineAsIfNothingHadHappened() throws IOException {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        Random random = new Random(seed);
        End end;
        Outside outside;
        try (BusyGuest undisturbed = BusyGuest.counted(folder, Outside.EMPTY)) {
            end = run(undisturbed);
            outside = undisturbed.outside();
        }
        assertEquals(BusyGuest.PASSED, end.status, outside.serial());
        assertFalse(outside.serial().contains("FAIL"), outside.serial());
        int saves = 0;
        long start = System.nanoTime();
        while (saves < SAVES && (LONG || System.nanoTime() - start < BUDGET_NANOS)) {
            long[] counts = random.longs(BATCH, 1, end.count).sorted().distinct().toArray();
            List<CompletableFuture<Saved>> saved = new ArrayList<>();
            try (BusyGuest disturbed = BusyGuest.counted(folder, Outside.EMPTY)) {
                saveAt(disturbed, counts, 0, saved);
                String when = "the machine that was saved, seed " + seed;
                assertEquals(end, run(disturbed), when);
                assertSame(outside, disturbed.outside(), when);
            }
            assertEquals(counts.length, saved.size());
            for (int i = 0; i < counts.length; i++) {
                goOn(saved.get(i).join(), end, outside, "saved at " + counts[i] + ", seed " + seed);
            }
            saves += counts.length;
        }
        System.out.println("CountedSnapshotTest: " + saves + " saves, -Djkvm.seed=" + seed);
    }

    private static void saveAt(BusyGuest guest, long[] counts, int index,
            List<CompletableFuture<Saved>> saved) {
        guest.clock.stopAt(counts[index], () -> {
            saved.add(guest.save());
            if (index + 1 < counts.length) {
                saveAt(guest, counts, index + 1, saved);
            }
        });
    }

    private void goOn(Saved saved, End end, Outside outside, String when) throws IOException {
        try (BusyGuest next = BusyGuest.counted(folder, saved.outside())) {
            var loaded = next.machine.load(saved.snapshot());
            End reached = run(next);
            loaded.join();
            assertSame(outside, next.outside(), when);
            assertEquals(end, reached, when);
        }
    }

    private static void assertSame(Outside expected, Outside actual, String when) {
        assertEquals(expected.serial(), actual.serial(), when);
        assertEquals(expected.packets(), actual.packets(), when);
        assertArrayEquals(expected.disk(), actual.disk(), when);
        assertTrue(expected.packets().size() > 10);
    }
}
