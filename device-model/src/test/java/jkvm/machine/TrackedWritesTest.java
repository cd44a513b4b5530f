package jkvm.machine;

import static jkvm.machine.MachineRun.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import jkvm.junit.GuestTest;
import jkvm.linux.Syscalls;
import jkvm.machine.BusyGuest.Outside;
import jkvm.memory.DirtyPages;
import jkvm.memory.WriteWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Looks at the whole memory of a guest whose timer, disk, network card and serial port are at work. */
@GuestTest
@Timeout(120)
class TrackedWritesTest {
    private static final int MAX_LOOKS = Boolean.getBoolean("jkvm.long") ? 10_000 : 40;

    @TempDir
    private Path folder;
    private final Syscalls kvm;

    TrackedWritesTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    @Test
    void shouldTellEachPageThatChanges() throws Exception {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        Random random = new Random(seed);
        int changes = 0;
        int looks = 0;
        try (BusyGuest guest = BusyGuest.on(kvm, folder, Outside.EMPTY)) {
            CompletableFuture<DirtyPages> dirty = guest.machine.trackWrites();
            CompletableFuture<WriteWatch> begin = guest.machine.quiesced(() ->
                    new WriteWatch(guest.machine.memory(), dirty.join()));
            MachineRun run = new MachineRun(guest.machine).start();
            WriteWatch watch = done(begin);
            try {
                while (looks < MAX_LOOKS) {
                    changes += done(guest.machine.quiesced(watch::check));
                    looks++;
                    Thread.sleep(0, random.nextInt(1_000_000));
                }
            } catch (ExecutionException e) {
                assertEquals(IllegalStateException.class, e.getCause().getClass(), e.getCause().toString());
            }
            run.exit();
            changes += watch.check();
        }
        assertTrue(changes > 10, () -> "seed " + seed);
        System.out.println("TrackedWritesTest: %d looks, %d changed pages, -Djkvm.seed=%d".formatted(looks, changes,
                seed));
    }
}
