package jkvm.control.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import jkvm.host.HostException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.MachineExit;
import jkvm.machine.MachineMigration;
import jkvm.machine.MachineRun;
import jkvm.machine.RunState;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Migrations whose other side is no jkvm, cannot answer, or never comes: one machine goes on, and none waits. */
@OnEachKvm
@Timeout(120)
class MigrationMishapTest {
    @TempDir
    private Path folder;
    private final Syscalls kvm;

    MigrationMishapTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    private TravellingGuest first() throws IOException {
        return TravellingGuest.first(kvm, folder).start();
    }

    /** One that starts when it is on its way: in a warm JVM it would often be done before. */
    private TravellingGuest standing() throws IOException {
        return TravellingGuest.first(kvm, folder);
    }

    private TravellingGuest waiting() throws IOException {
        return TravellingGuest.waiting(kvm, folder).start();
    }

    private Path pipe() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        return pipe;
    }

    @Test
    void shouldHaveGivenUpItsDisksWhenAPipeEnds() throws Exception {
        Path pipe = pipe();
        try (TravellingGuest source = standing(); TravellingGuest target = waiting()) {
            target.migration.listen("exec:cat " + pipe);

            source.migration.start("exec:cat >" + pipe);
            source.start();

            assertEquals(MigrationStatus.COMPLETED, source.ended().status(), source.migration.progress().toString());
            assertEquals(TravellingGuest.PASSED, target.run.exit().status(), target.run.exit().report());
            assertEquals(RunState.POSTMIGRATE, source.run.machine.runState());
        }
    }

    @Test
    void shouldNotRunWhereItsAnswersDoNotReachTheSource() throws Exception {
        Path pipe = pipe();
        UnixDomainSocketAddress place = UnixDomainSocketAddress.of(folder.resolve("relay"));
        try (ServerSocketChannel relay = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                TravellingGuest source = first(); TravellingGuest target = waiting()) {
            relay.bind(place);
            target.migration.listen("exec:cat " + pipe);
            source.migration.start("unix:" + place.getPath());
            try (SocketChannel from = relay.accept(); OutputStream to = Files.newOutputStream(pipe)) {
                Channels.newInputStream(from).transferTo(to);
            } catch (IOException _) {
                // The target does not read to the end.
            }

            MachineExit exit = target.run.exit();

            assertEquals("jkvm: load of migration failed: the other side waits for answers, which do not go through a"
                    + " pipe", exit.report());
            assertEquals(MigrationStatus.FAILED, source.ended().status());
            assertEquals(TravellingGuest.PASSED, source.run.exit().status(), source.serial.text());
        }
    }

    @Test
    void shouldGoOnByContWhereAnotherProcessHadItsDisks() throws Exception {
        try (TravellingGuest guest = first()) {
            MachineMigration steps = guest.run.machine.migration();
            RunState before = steps.stop().join();
            steps.giveUpDisks().join();
            try (DiskImage _ = new DiskImages(new FfmSyscalls()).open(folder.resolve("disk.raw"),
                    ImageOptions.WRITABLE.withFormat(ImageFormat.RAW))) {

                assertInstanceOf(HostException.class, assertThrows(CompletionException.class,
                        () -> steps.stay(before).join()).getCause());

                assertEquals(RunState.POSTMIGRATE, guest.run.machine.runState());
            }
            guest.run.machine.resume().join();
            assertEquals(TravellingGuest.PASSED, guest.run.exit().status(), guest.serial.text());
        }
    }

    @Test
    void shouldEndWithItsMachineThoughNobodyAcceptsTheConnection() throws Exception {
        UnixDomainSocketAddress place = UnixDomainSocketAddress.of(folder.resolve("full"));
        List<SocketChannel> waiting = new ArrayList<>();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                TravellingGuest source = first()) {
            server.bind(place, 1);
            fill(place, waiting);
            source.migration.start("unix:" + place.getPath());
            Thread.sleep(50);

            source.die();

            assertEquals(MigrationStatus.CANCELLED, source.migration.progress().status());
            assertThrows(MigrationException.class, () -> source.migration.start("unix:" + place.getPath()));
        } finally {
            for (SocketChannel each : waiting) {
                each.close();
            }
        }
    }

    /** Until a further connection would wait. */
    private static void fill(UnixDomainSocketAddress place, List<SocketChannel> waiting) throws IOException {
        while (true) {
            SocketChannel next = SocketChannel.open(StandardProtocolFamily.UNIX);
            waiting.add(next);
            next.configureBlocking(false);
            try {
                if (!next.connect(place)) {
                    return;
                }
            } catch (IOException _) {
                return;
            }
        }
    }

    @Test
    void shouldEndWithItsMachineThoughACommandHoldsThePipe() throws Exception {
        try (TravellingGuest source = standing(); TravellingGuest target = waiting()) {
            target.migration.listen("exec:sleep 100; true");
            source.migration.start("exec:sleep 100; true");
            source.start();
            MachineRun.await("pages go over", () -> source.told.contains("active"));

            source.die();
            target.die();

            assertFalse(source.migration.progress().status().isUnderWay());
            assertEquals(MigrationStatus.FAILED, target.migration.progress().status());
        }
    }

    @Test
    void shouldKeepItsDevicesWhileItIsSent() throws Exception {
        try (TravellingGuest source = first(); TravellingGuest target = waiting()) {
            String uri = "unix:" + folder.resolve("slow");
            target.migration.listen(uri);
            source.migration.settings().set(Map.of(MigrationParameter.MAX_BANDWIDTH, 100_000L));
            source.migration.requireNoneFor("device_add");
            source.migration.start(uri);

            MigrationException refusal = assertThrows(MigrationException.class,
                    () -> source.migration.requireNoneFor("device_add"));

            assertEquals("device_add not allowed while migrating", refusal.getMessage());
            source.migration.cancel();
            assertTrue(source.ended().status() == MigrationStatus.CANCELLED);
            source.migration.requireNoneFor("device_add");
        }
    }
}
