package jkvm.machine;

import static jkvm.machine.MachineRun.done;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import jkvm.device.testdev.PciTestdevType;
import jkvm.junit.GuestTest;
import jkvm.linux.Syscalls;
import jkvm.machine.BusyGuest.Outside;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.snapshot.MachineSnapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reset points of a machine that lives by the host's time. The guest itself checks its state. */
@GuestTest
@Timeout(120)
class ResetPointGuestTest {
    private static final int RESETS = Boolean.getBoolean("jkvm.long") ? 500 : 15;

    @TempDir
    private Path folder;
    private final Syscalls kvm;

    ResetPointGuestTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    /** Threat 35: requests of disk, network card and timer are in flight at each return. */
    @Test
    void shouldLeaveNoRequestInFlightAndNoLateDma() throws Exception {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        Random random = new Random(seed);
        byte[] disk;
        try (BusyGuest undisturbed = BusyGuest.on(kvm, folder, Outside.EMPTY)) {
            assertEquals(BusyGuest.PASSED, undisturbed.machine.run().status());
            disk = undisturbed.outside().disk();
        }
        try (BusyGuest guest = BusyGuest.resettableOn(kvm, folder)) {
            CompletableFuture<ResetPoint> marked = guest.machine.mark();
            MachineRun run = new MachineRun(guest.machine).start();
            ResetPoint point = done(marked);
            try {
                for (int i = 0; i < RESETS; i++) {
                    Thread.sleep(random.nextInt(4), random.nextInt(1_000_000));
                    done(point.restore());
                }
            } catch (ExecutionException e) {
                // The guest was faster than this test.
                assertEquals(IllegalStateException.class, e.getCause().getClass(), e.getCause().toString());
            }
            assertEquals(BusyGuest.PASSED, run.exit().status(), "seed " + seed);
            assertFalse(guest.outside().serial().contains("FAIL"), guest.outside().serial());
            assertArrayEquals(disk, guest.outside().disk(), "seed " + seed);
        }
    }

    @Test
    void shouldRefuseADiskWhoseWritesAreNotUndone() throws Exception {
        try (BusyGuest guest = BusyGuest.on(kvm, folder, Outside.EMPTY)) {
            CompletableFuture<ResetPoint> marked = guest.machine.mark();
            guest.machine.run();

            Throwable refusal = assertThrows(ExecutionException.class, () -> done(marked)).getCause();

            assertTrue(refusal.getMessage().contains("disks are not undone"), refusal.getMessage());
        }
    }

    @Test
    void shouldRefuseToReturnWithADeviceMore() throws Exception {
        try (BusyGuest guest = BusyGuest.resettableOn(kvm, folder)) {
            CompletableFuture<Void> paused = guest.machine.pause();
            try (MachineRun run = new MachineRun(guest.machine).start()) {
                done(paused);
                ResetPoint point = done(run.machine.mark());
                done(run.machine.devices().plug(DeviceConfig.of(PciTestdevType.TYPE).withId("late")));

                Throwable refusal = assertThrows(ExecutionException.class, () -> done(point.restore())).getCause();

                assertEquals("device late was added since the reset point: remove it first", refusal.getMessage());
            }
        }
    }

    @Test
    void shouldReturnToTheMemoryOfThePointAfterAnotherStateWasLoaded() throws Exception {
        int address = 3 << 20;
        try (BusyGuest guest = BusyGuest.resettableOn(kvm, folder)) {
            CompletableFuture<Void> paused = guest.machine.pause();
            try (MachineRun run = new MachineRun(guest.machine).start()) {
                done(paused);
                guest.machine.memory().writeInt(address, 7);
                MachineSnapshot other = done(run.machine.save());
                guest.machine.memory().writeInt(address, 1);
                ResetPoint point = done(run.machine.mark());

                done(run.machine.load(other));
                assertEquals(7, guest.machine.memory().readInt(address));
                done(point.restore());

                assertEquals(1, guest.machine.memory().readInt(address));
            }
        }
    }

    @Test
    void shouldEndLaterPointsByAReturnToAnEarlierOne() throws Exception {
        try (BusyGuest guest = BusyGuest.resettableOn(kvm, folder)) {
            CompletableFuture<Void> paused = guest.machine.pause();
            try (MachineRun run = new MachineRun(guest.machine).start()) {
                done(paused);
                ResetPoint early = done(guest.machine.mark());
                ResetPoint late = done(guest.machine.mark());

                done(late.restore());
                done(early.restore());

                assertThrows(ExecutionException.class, () -> done(late.restore()));
                done(early.restore());
                early.close();
                early.close();
                assertThrows(ExecutionException.class, () -> done(early.restore()));
                assertEquals(MachineState.PAUSED, run.machine.state());
            }
        }
    }
}
