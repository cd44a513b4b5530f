package jkvm.control.migrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import jkvm.linux.Syscalls;
import jkvm.machine.MachineRun;
import jkvm.machine.RunState;
import jkvm.soft.Accelerators;
import jkvm.work.Threads;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest that goes on before its memory has come: pages that it needs are fetched. It checks its state itself. */
@Timeout(120)
class PostcopyTest {
    private static final int TIMES = Boolean.getBoolean("jkvm.long") ? 500 : 2;
    /** Bytes a second for what nobody waits for: so little that the guest waits for each page itself. */
    private static final long TRICKLE = 1000;
    /** The machines get so many times what the collector takes. */
    private static final long SHARE = 4;

    @TempDir
    private Path folder;
    private final Syscalls kvm = Accelerators.open("soft").syscalls();
    private String uri;

    @BeforeEach
    void name() {
        uri = "unix:" + folder.resolve("migration");
    }

    private TravellingGuest first() throws Exception {
        TravellingGuest source = TravellingGuest.first(kvm, folder);
        source.migration.switchAll(Map.of(MigrationCapability.POSTCOPY_RAM, true));
        source.migration.settings().set(Map.of(MigrationParameter.MAX_BANDWIDTH, TRICKLE,
                MigrationParameter.MAX_POSTCOPY_BANDWIDTH, TRICKLE));
        return source;
    }

    private TravellingGuest waiting() throws Exception {
        TravellingGuest target = TravellingGuest.waiting(kvm, folder).start();
        target.migration.switchAll(Map.of(MigrationCapability.POSTCOPY_RAM, true));
        return target;
    }

    private void send(TravellingGuest source, TravellingGuest target) throws MigrationException {
        target.migration.listen(uri);
        source.migration.start(uri);
        source.migration.startPostcopy();
    }

    /** The guest stands there before its first instruction, and its memory is here. */
    private void sendStanding(TravellingGuest source, TravellingGuest target) throws Exception {
        var _ = source.run.machine.pause();
        source.start();
        send(source, target);
        MachineRun.await("the guest is there", () -> target.run.machine.runState() == RunState.PRELAUNCH);
    }

    private static void sendTheRest(TravellingGuest source) throws MigrationException {
        source.migration.settings().set(Map.of(MigrationParameter.MAX_POSTCOPY_BANDWIDTH, 0L));
    }

    private static MigrationProgress settled(TravellingGuest station) throws InterruptedException {
        MachineRun.await("the migration is over", () -> !station.migration.progress().status().isUnderWay()
                || station.migration.progress().status() == MigrationStatus.POSTCOPY_PAUSED);
        return station.migration.progress();
    }

    private byte[] disk() throws IOException {
        return Files.readAllBytes(folder.resolve("disk.raw"));
    }

    @Test
    void shouldRunBeforeItsMemoryHasComeWhileGarbageIsCollected() throws Exception {
        String serial;
        byte[] disk;
        try (TravellingGuest guest = first().start()) {
            assertEquals(TravellingGuest.PASSED, guest.run.exit().status(), guest.serial.text());
            serial = guest.serial.text();
            disk = disk();
        }
        for (int i = 0; i < TIMES; i++) {
            try (TravellingGuest source = first(); TravellingGuest target = waiting(); Collector _ = new Collector()) {
                send(source, target);
                source.start();

                assertEquals(TravellingGuest.PASSED, target.run.exit().status(), target.serial.text());
                assertEquals(serial, source.serial.text() + target.serial.text());
                assertArrayEquals(disk, disk());
                assertEquals("postcopy-active", source.told.getLast());
                MigrationProgress.Ram ram = source.migration.progress().ram().orElseThrow();
                assertTrue(ram.requests() > 0 && ram.late() > 0 && ram.remaining() > 0, ram.toString());
                sendTheRest(source);
                MigrationProgress end = settled(source);
                assertEquals(MigrationStatus.COMPLETED, end.status(), end.toString());
                assertEquals(RunState.POSTMIGRATE, source.run.machine.runState());
                MachineRun.await("the target has heard so", () -> target.told.contains("completed"));
                assertEquals(List.of("setup", "active", "postcopy-active", "completed"), target.told);
            }
        }
    }

    /** Collects garbage again and again: a thread that waited inside an access to memory would hold it up for ever. */
    private static final class Collector implements AutoCloseable {
        private final Thread thread = Thread.ofPlatform().start(() -> {
            while (!Thread.interrupted()) {
                long began = System.nanoTime();
                System.gc();
                LockSupport.parkNanos(SHARE * (System.nanoTime() - began));
            }
        });

        @Override
        public void close() {
            thread.interrupt();
            Threads.join(thread);
        }
    }

    @Test
    void shouldStandForGoodWhenTheSourceIsGone() throws Exception {
        try (TravellingGuest source = first(); TravellingGuest target = waiting()) {
            sendStanding(source, target);

            source.die();

            MigrationProgress end = settled(target);
            assertEquals(MigrationStatus.POSTCOPY_PAUSED, end.status(), end.toString());
            CompletionException refusal = assertThrows(CompletionException.class,
                    () -> target.run.machine.resume().join());
            assertTrue(refusal.getMessage().contains("lacks pages of its memory"), refusal.getMessage());
            assertThrows(CompletionException.class, () -> target.run.machine.save().join());
            assertThrows(MigrationException.class, () -> target.migration.start(uri));
            target.run.quit();
        }
    }

    @Test
    void shouldNotRunAgainWhenTheTargetIsGone() throws Exception {
        try (TravellingGuest source = first(); TravellingGuest target = waiting()) {
            sendStanding(source, target);
            source.migration.cancel();
            assertEquals(MigrationStatus.POSTCOPY_ACTIVE, source.migration.progress().status());

            target.die();

            assertEquals(MigrationStatus.POSTCOPY_PAUSED, settled(source).status());
            assertThrows(CompletionException.class, () -> source.run.machine.resume().join());
            assertEquals(RunState.FINISH_MIGRATE, source.run.machine.runState());
        }
    }

    @Test
    void shouldPauseAndQuitWhileItWaitsForPages() throws Exception {
        try (TravellingGuest source = first(); TravellingGuest target = waiting()) {
            sendStanding(source, target);
            target.run.machine.resume().join();

            target.run.machine.pause().join();
            assertEquals(RunState.PAUSED, target.run.machine.runState());
            target.run.machine.resume().join();
            target.run.quit();
        }
    }

    @Test
    void shouldLeaveTheGuestToOneMachineWhenEitherDiesAnywhere() throws Exception {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        System.out.println("PostcopyTest: " + TIMES + " deaths, -Djkvm.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < TIMES; i++) {
            try (TravellingGuest source = first(); TravellingGuest target = waiting()) {
                send(source, target);
                source.start();
                Thread.sleep(random.nextInt(40));
                boolean isSource = random.nextBoolean();

                (isSource ? source : target).die();

                if (isSource) {
                    settled(target);
                    RunState state = target.run.machine.runState();
                    assertTrue(state != RunState.RUNNING || target.migration.progress().status()
                            == MigrationStatus.COMPLETED, state + " " + target.migration.progress());
                } else {
                    expectOneAnswer(source);
                }
            }
        }
    }

    /** The target is dead: the source goes on if that has not begun to run, and cannot be told to if it may have. */
    private static void expectOneAnswer(TravellingGuest source) throws Exception {
        MigrationProgress end = settled(source);
        if (end.status() == MigrationStatus.FAILED) {
            assertEquals(TravellingGuest.PASSED, source.run.exit().status(), source.serial.text());
            assertFalse(source.serial.text().contains("FAIL"), source.serial.text());
        } else if (end.status() == MigrationStatus.COMPLETED) {
            assertEquals(RunState.POSTMIGRATE, source.run.machine.runState());
        } else {
            assertThrows(CompletionException.class, () -> source.run.machine.resume().join(), end.toString());
        }
    }

    @Test
    void shouldRefuseWithoutTheCapabilityAndWithoutAWayBack() throws Exception {
        try (TravellingGuest source = TravellingGuest.first(kvm, folder).start()) {
            MigrationException off = assertThrows(MigrationException.class, source.migration::startPostcopy);
            assertEquals("Enable postcopy with migrate_set_capability before the start of migration", off.getMessage());
            source.migration.switchAll(Map.of(MigrationCapability.POSTCOPY_RAM, true));
            MigrationException none = assertThrows(MigrationException.class, source.migration::startPostcopy);
            assertEquals("Postcopy must be started after migration has been started", none.getMessage());

            source.migration.start("file:" + folder.resolve("state"));

            assertEquals("Unable to open return-path for postcopy", settled(source).error().orElseThrow());
            assertEquals(TravellingGuest.PASSED, source.run.exit().status(), source.serial.text());
        }
    }
}
