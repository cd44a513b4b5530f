package jkvm.machine;

import static jkvm.machine.MachineRun.done;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jkvm.machine.BusyGuest.Outside;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Takes a machine with a busy guest back to a point again and again: each time it runs on as it did the first time. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ResetPointTest {
    private static final int RESETS = Boolean.getBoolean("jkvm.long") ? 1000 : 20;

    @TempDir
    private Path folder;

    /** Values that must be equal in two runs. */
    private record End(long count, String memory, int status) {
    }

    private static End end(BusyGuest guest, MachineExit exit) {
        return new End(guest.clock.count(), CountedRun.hash(guest.machine.memory()), exit.status());
    }

    /** Lets the machine run to a count, where it is paused. */
    private static void runTo(BusyGuest guest, long count) throws Exception {
        CompletableFuture<Void> paused = new CompletableFuture<>();
        guest.clock.stopAt(count, () -> guest.machine.pause().thenRun(() -> paused.complete(null)));
        done(guest.machine.resume());
        done(paused);
    }

    @Test
    void shouldRunOnFromThePointInEachBitAsTheFirstTime() throws Exception {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        Random random = new Random(seed);
        End end;
        Outside outside;
        try (BusyGuest undisturbed = BusyGuest.counted(folder, Outside.EMPTY)) {
            end = end(undisturbed, undisturbed.machine.run());
            outside = undisturbed.outside();
        }
        try (BusyGuest guest = BusyGuest.resettable(folder)) {
            CompletableFuture<Void> begin = guest.machine.pause();
            MachineRun run = new MachineRun(guest.machine).start();
            done(begin);
            long marked = random.nextLong(1, end.count * 3 / 4);
            runTo(guest, marked);
            ResetPoint point = done(guest.machine.mark());
            Outside then = guest.outside();
            int written = 0;
            for (int i = 0; i < RESETS; i++) {
                runTo(guest, random.nextLong(marked + 1, end.count));
                done(point.restore());
                assertEquals(marked, guest.clock.count());
                assertArrayEquals(then.disk(), guest.outside().disk(), "seed " + seed);
                written = guest.outside().serial().length();
            }
            assertTrue(point.lastPages() > 0);
            done(guest.machine.resume());
            assertEquals(end, end(guest, run.exit()), "seed " + seed);
            Outside last = guest.outside();
            assertArrayEquals(outside.disk(), last.disk());
            assertEquals(outside.serial(), then.serial() + last.serial().substring(written), "seed " + seed);
        }
        System.out.println("ResetPointTest: " + RESETS + " resets, -Djkvm.seed=" + seed);
    }
}
