package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import jkvm.machine.BusyGuest.Outside;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.state.StateException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A state whose bytes have been changed is refused, or does what a guest could have done: nothing else is thrown. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class DamagedSnapshotTest {
    private static final boolean LONG = Boolean.getBoolean("jkvm.long");
    private static final int LOADS = LONG ? 20_000 : 600;
    private static final int RUNS = LONG ? 1_000 : 30;
    private static final long SAVED_AT = 700_000, GOES_ON_FOR = 300_000, PATIENCE_MILLIS = 1000;

    @TempDir
    private Path folder;
    private MachineSnapshot snapshot;
    private Outside outside;
    private List<String> names;
    private Random random;

    @BeforeEach
    void saveAMachine() throws IOException {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        System.out.println("DamagedSnapshotTest: -Djkvm.seed=" + seed);
        random = new Random(seed);
        try (BusyGuest guest = BusyGuest.counted(folder, Outside.EMPTY)) {
            guest.clock.stopAt(SAVED_AT, () -> guest.save().thenAccept(saved -> {
                snapshot = saved.snapshot();
                outside = saved.outside();
                guest.machine.quit();
            }));
            guest.machine.run();
        }
        names = snapshot.names().stream().sorted().toList();
    }

    private MachineSnapshot damaged() {
        String name = names.get(random.nextInt(names.size()));
        byte[] bytes = snapshot.section(name);
        for (int i = random.nextInt(1, 5); i > 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            bytes[at] = (byte) (random.nextBoolean() ? random.nextInt() : bytes[at] ^ 1 << random.nextInt(8));
        }
        return snapshot.with(name, bytes);
    }

    private static boolean isTaken(CompletableFuture<Void> load) {
        try {
            load.join();
            return true;
        } catch (CompletionException e) {
            assertInstanceOf(StateException.class, e.getCause());
            return false;
        }
    }

    @Test
    void shouldGoOnAsSavedWhateverWasLoadedBefore() throws IOException {
        List<CompletableFuture<Void>> loads = new ArrayList<>();
        try (BusyGuest guest = BusyGuest.counted(folder, outside)) {
            for (int i = 0; i < LOADS; i++) {
                loads.add(guest.machine.load(damaged()));
            }
            CompletableFuture<Void> last = guest.machine.load(snapshot);
            int status = guest.machine.run().status();

            assertTrue(isTaken(last));
            assertEquals(BusyGuest.PASSED, status);
            assertFalse(guest.outside().serial().contains("FAIL"), guest.outside().serial());
            long taken = loads.stream().filter(DamagedSnapshotTest::isTaken).count();
            assertTrue(taken > 0 && taken < LOADS, () -> taken + " of " + LOADS + " were taken");
        }
    }

    @Test
    void shouldRunWhateverItWasGiven() throws IOException {
        int ran = 0;
        for (int i = 0; i < RUNS; i++) {
            try (BusyGuest guest = BusyGuest.counted(folder, outside)) {
                CompletableFuture<Void> load = guest.machine.load(damaged());
                load.whenComplete((_, _) -> guest.clock.stopAt(guest.clock.count() + GOES_ON_FOR, guest.machine::quit));
                // A guest that halts for ever comes to no further count.
                CompletableFuture.delayedExecutor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS).execute(guest.machine::quit);
                MachineExit exit = guest.machine.run();
                assertFalse(exit.report().contains("internal error"), exit.report());
                ran += isTaken(load) ? 1 : 0;
            }
        }
        assertTrue(ran > 0);
    }
}
