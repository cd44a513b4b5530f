package jkvm.control.migrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionException;
import jkvm.host.HostException;
import jkvm.linux.Syscalls;
import jkvm.machine.MachineExit;
import jkvm.machine.MachineRun;
import jkvm.machine.RunState;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Machines of one process that send one guest to one another. The guest itself checks its state. */
@OnEachKvm
@Timeout(120)
class MigrationTest {
    private static final int TIMES = Boolean.getBoolean("jkvm.long") ? 500 : 3;

    @TempDir
    private Path folder;
    private final Syscalls kvm;
    private String uri;

    MigrationTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void name() {
        uri = "unix:" + folder.resolve("migration");
    }

    private TravellingGuest first() throws IOException {
        return TravellingGuest.first(kvm, folder).start();
    }

    private TravellingGuest waiting() throws IOException {
        return TravellingGuest.waiting(kvm, folder).start();
    }

    private byte[] disk() throws IOException {
        return Files.readAllBytes(folder.resolve("disk.raw"));
    }

    /** @return how it ended, or null if the guest was done before it could be sent */
    private MigrationProgress send(TravellingGuest source) throws Exception {
        try {
            source.migration.start(uri);
        } catch (MigrationException e) {
            assertEquals("the guest has shut down; reset the machine first", e.getMessage());
            return null;
        }
        MigrationProgress sent = source.ended();
        if (sent.error().equals(Optional.of("the machine has ended"))) {
            assertEquals(TravellingGuest.PASSED, source.run.exit().status(), source.serial.text());
            return null;
        }
        return sent;
    }

    @Test
    void shouldGoOnInAnotherMachineWithAllThatTheGuestHad() throws Exception {
        String serial;
        byte[] disk;
        long took = System.nanoTime();
        try (TravellingGuest guest = first()) {
            assertEquals(TravellingGuest.PASSED, guest.run.exit().status(), guest.serial.text());
            serial = guest.serial.text();
            disk = disk();
        }
        took = System.nanoTime() - took;
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        System.out.println("MigrationTest: " + TIMES + " migrations, -Djkvm.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < TIMES; i++) {
            try (TravellingGuest source = first(); TravellingGuest target = waiting()) {
                target.migration.listen(uri);
                Thread.sleep(random.nextLong(took / 2) / 1_000_000);
                MigrationProgress sent = send(source);
                if (sent == null) {
                    took /= 2;
                    i--;
                    continue;
                }

                assertEquals(MigrationStatus.COMPLETED, sent.status(), sent.toString());
                assertEquals(RunState.POSTMIGRATE, source.run.machine.runState());
                assertEquals(TravellingGuest.PASSED, target.run.exit().status(), target.serial.text());
                assertEquals(serial, source.serial.text() + target.serial.text());
                assertArrayEquals(disk, disk());
                assertEquals(List.of("setup", "pass 1", "active", "pass 2"), source.told.subList(0, 4));
                assertEquals("completed", source.told.getLast());
                assertEquals(List.of("setup", "active", "completed"), target.told);
            }
        }
    }

    @Test
    void shouldLeaveTheDisksToTheMachineThatRuns() throws Exception {
        try (TravellingGuest source = TravellingGuest.first(kvm, folder); TravellingGuest target = waiting()) {
            var _ = source.run.machine.pause();
            source.start();
            target.migration.listen(uri);
            source.migration.start(uri);
            assertEquals(MigrationStatus.COMPLETED, source.ended().status(), source.migration.progress().toString());
            MachineRun.await("the target stands as the source did",
                    () -> target.run.machine.runState() == RunState.PRELAUNCH);

            CompletionException refusal = assertThrows(CompletionException.class,
                    () -> source.run.machine.resume().join());

            assertInstanceOf(HostException.class, refusal.getCause());
            assertTrue(refusal.getMessage().contains("lock"), refusal.getMessage());
            MigrationException again = assertThrows(MigrationException.class, () -> source.migration.start(uri));
            assertEquals("Can't migrate the vm that was paused due to previous migration", again.getMessage());
            target.run.quit();
            target.die();
            source.run.machine.resume().join();
            assertEquals(TravellingGuest.PASSED, source.run.exit().status(), "the target has gone");
        }
    }

    @Test
    void shouldGoOnWhereItWasWhenAMigrationIsCancelled() throws Exception {
        try (TravellingGuest source = first(); TravellingGuest target = waiting()) {
            target.migration.listen(uri);
            source.migration.settings().set(Map.of(MigrationParameter.MAX_BANDWIDTH, 100_000L));
            source.migration.start(uri);
            MachineRun.await("pages go over", () -> target.told.contains("active"));

            source.migration.cancel();

            assertEquals(MigrationStatus.CANCELLED, source.ended().status());
            assertEquals(TravellingGuest.PASSED, source.run.exit().status(), source.serial.text());
            MachineExit exit = target.run.exit();
            assertEquals(1, exit.status());
            assertTrue(exit.report().startsWith("jkvm: load of migration failed: "), exit.report());
        }
    }

    @Test
    void shouldGoOnWhereItWasWhenTheTargetDiesAnywhere() throws Exception {
        Random random = new Random();
        for (int i = 0; i < TIMES; i++) {
            try (TravellingGuest source = first(); TravellingGuest target = waiting()) {
                target.migration.listen(uri);
                source.migration.start(uri);
                Thread.sleep(random.nextInt(40));

                target.die();

                MigrationProgress end = source.ended();
                if (end.status() == MigrationStatus.FAILED && end.error().orElse("").contains("may run there")) {
                    source.run.machine.resume().join();
                }
                if (end.status() == MigrationStatus.FAILED) {
                    assertEquals(TravellingGuest.PASSED, source.run.exit().status(), source.serial.text());
                    assertFalse(source.serial.text().contains("FAIL"), source.serial.text());
                } else {
                    assertEquals(RunState.POSTMIGRATE, source.run.machine.runState());
                }
            }
        }
    }

    @Test
    void shouldGoOnThereOrNotAtAllWhenTheSourceDiesAnywhere() throws Exception {
        Random random = new Random();
        for (int i = 0; i < TIMES; i++) {
            try (TravellingGuest source = first(); TravellingGuest target = waiting()) {
                target.migration.listen(uri);
                source.migration.start(uri);
                MachineRun.await("they talk", () -> target.told.contains("active"));
                Thread.sleep(random.nextInt(40));

                source.die();

                MachineExit exit = target.run.exit();
                boolean hasCome = target.told.contains("completed");
                assertEquals(!hasCome, exit.report().startsWith("jkvm: load of migration failed: "), exit.report());
                assertEquals(TravellingGuest.PASSED, exit.status(), "of the guest, or of the failure");
                assertFalse(target.serial.text().contains("FAIL"), target.serial.text());
            }
        }
    }

    @Test
    void shouldEndWithOneLineWhenAForeignerConnects() throws Exception {
        try (TravellingGuest target = waiting()) {
            target.migration.listen(uri);

            try (SocketChannel foreigner = SocketChannel.open(UnixDomainSocketAddress.of(
                    folder.resolve("migration")))) {
                foreigner.write(ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes()));
                MachineExit exit = target.run.exit();
                assertEquals(1, exit.status());
                assertTrue(exit.report().startsWith("jkvm: load of migration failed: "), exit.report());
                assertEquals(1, exit.report().lines().count(), exit.report());
            }
            assertFalse(Files.exists(folder.resolve("migration")), "the socket's name is gone");
        }
    }

    @Test
    void shouldGoToAFileAndComeFromIt() throws Exception {
        Path file = folder.resolve("state");
        String saved;
        try (TravellingGuest source = first()) {
            source.migration.switchAll(Map.of(MigrationCapability.COMPRESS, true));
            source.migration.start("file:" + file + ",offset=100");
            assertEquals(MigrationStatus.COMPLETED, source.ended().status(), source.migration.progress().toString());
            saved = source.serial.text();
        }
        try (TravellingGuest target = waiting()) {
            target.migration.listen("exec:tail -c +101 " + file);
            assertEquals(TravellingGuest.PASSED, target.run.exit().status(), target.serial.text());
            assertFalse((saved + target.serial.text()).contains("FAIL"));
        }
    }

    @Test
    void shouldRefuseAMachineOfAnotherKindAndGoOn() throws Exception {
        try (TravellingGuest source = first();
                TravellingGuest target = TravellingGuest.waitingWith(kvm, folder, config -> config.cpus(2), Map.of())
                        .start()) {
            target.migration.listen(uri);
            source.migration.start(uri);

            assertEquals(1, target.run.exit().status());
            assertTrue(target.run.exit().report().contains("CPUs: 1, this one has 2"), target.run.exit().report());
            MigrationProgress end = source.ended();
            assertEquals(MigrationStatus.FAILED, end.status());
            assertEquals(TravellingGuest.PASSED, source.run.exit().status(), source.serial.text());
        }
    }
}
