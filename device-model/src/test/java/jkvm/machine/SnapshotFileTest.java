package jkvm.machine;

import static jkvm.machine.MachineRun.done;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import jkvm.junit.GuestTest;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.BusyGuest.Outside;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.SnapshotFile;
import jkvm.machine.snapshot.SnapshotFileException;
import jkvm.machine.snapshot.SnapshotReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Saves a machine to a file and goes on from it, with RAM mapped and with RAM read. */
@GuestTest
@Timeout(300)
class SnapshotFileTest {
    private static final long MEMORY = 4 << 20;

    @TempDir
    private Path folder;
    private final Syscalls kvm;
    private Outside atSave;

    SnapshotFileTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    private Path saved() throws Exception {
        Path path = folder.resolve("state");
        BusyGuest guest = BusyGuest.on(kvm, folder, Outside.EMPTY);
        try (guest; MachineRun run = new MachineRun(guest.machine).start()) {
            MachineRun.await("serial output", () -> !guest.outsideSerial().isEmpty());
            done(run.machine.pause());
            ExecutionException e = assertThrows(ExecutionException.class,
                    () -> done(run.machine.save(folder.resolve("none/state"))));
            assertInstanceOf(SnapshotFileException.class, e.getCause());
            assertEquals(MachineState.PAUSED, run.machine.state(), "the machine goes on as before");
            done(run.machine.save(path));
            atSave = guest.outside();
        }
        return path;
    }

    private void assertGoesOn(MachineSnapshot snapshot) throws Exception {
        try (BusyGuest next = BusyGuest.on(kvm, folder, atSave)) {
            CompletableFuture<Void> loaded = next.machine.load(snapshot);
            int status = next.machine.run().status();
            loaded.join();
            assertFalse(next.outside().serial().contains("FAIL"), next.outside().serial());
            assertEquals(BusyGuest.PASSED, status);
        }
    }

    @Test
    void shouldGoOnFromAFileWhoseRamIsMappedOrRead() throws Exception {
        Path path = saved();
        byte[] bytes = Files.readAllBytes(path);
        try (SnapshotFile file = SnapshotFile.open(new FfmSyscalls(), path, MEMORY)) {
            file.verify();
            assertGoesOn(file.snapshot());
            assertGoesOn(file.snapshot());
            file.verify();
        }
        assertGoesOn(MachineSnapshot.read(
                new SnapshotReader(Channels.newChannel(new ByteArrayInputStream(bytes))), MEMORY));
        assertArrayEquals(bytes, Files.readAllBytes(path), "no machine writes to the file");
        Files.write(path, bytes);
        try (SnapshotFile file = SnapshotFile.open(new FfmSyscalls(), path, MEMORY)) {
            assertGoesOn(file.snapshot());
        }
        assertTrue(bytes.length > MEMORY);
    }
}
