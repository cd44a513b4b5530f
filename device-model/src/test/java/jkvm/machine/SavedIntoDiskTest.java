package jkvm.machine;

import static jkvm.machine.MachineRun.done;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import jkvm.control.guest.Guest;
import jkvm.device.board.PciPlace;
import jkvm.device.testdev.PciTestdevType;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Repair;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DriveSpec;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.state.StateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Saves a machine into its qcow2 disk and returns to that; the guest itself checks its state and its disk. */
@GuestTest
@Timeout(300)
class SavedIntoDiskTest {
    private static final int SAVES = Boolean.getBoolean("jkvm.long") ? 100 : 3;
    /** Prints the letters from A to Z, then halts for ever. */
    private static final String LETTERS = "b0 41 ba f8 03 ee fe c0 3c 5b 75 f9 fa f4 eb fd";
    private static final String ALL_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    @TempDir
    private Path folder;
    private final Guests guests;
    private final Syscalls kvm;

    SavedIntoDiskTest(Guests guests, Syscalls kvm) {
        this.guests = guests;
        this.kvm = kvm;
    }

    @Test
    void shouldReturnToAnyMomentOfAGuestThatWritesItsDisk() throws Exception {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        System.out.println("SavedIntoDiskTest: " + SAVES + " saves, -Djkvm.seed=" + seed);
        Random random = new Random(seed);
        byte[] last;
        long took;
        try (BusyGuest guest = BusyGuest.onQcow2(kvm, folder)) {
            long start = System.nanoTime();
            assertEquals(BusyGuest.PASSED, guest.machine.run().status());
            took = System.nanoTime() - start;
            guest.machine.close();
            last = guest.qcow2Content();
        }
        for (int i = 0; i < SAVES; i++) {
            returnAfter(random.nextLong(took / 2), last);
        }
    }

    /** A guest that ends too soon is saved sooner. */
    private void returnAfter(long nanos, byte[] last) throws Exception {
        while (true) {
            BusyGuest guest = BusyGuest.onQcow2(kvm, folder);
            try (guest; MachineRun run = new MachineRun(guest.machine).start()) {
                Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
                done(guest.machine.snapshots().save("a", SnapshotScope.ALL, true));
                Thread.sleep(nanos / 4_000_000);
                done(guest.machine.snapshots().load("a", SnapshotScope.ALL));
                assertEquals(BusyGuest.PASSED, run.exit().status(), guest.outsideSerial());
            } catch (ExecutionException e) {
                assertInstanceOf(IllegalStateException.class, e.getCause(), "it has ended");
                nanos /= 2;
                continue;
            }
            assertFalse(guest.outsideSerial().contains("FAIL"), guest.outsideSerial());
            assertArrayEquals(last, guest.qcow2Content());
            new DiskImages(new FfmSyscalls()).check(guest.qcow2(), ImageOptions.READ_ONLY, Repair.NOTHING, line -> {
                throw new AssertionError(line);
            });
            return;
        }
    }

    private Guest guest(String disk, UnaryOperator<MachineConfig.Builder> more) {
        DriveSpec drive = DriveSpec.ofPath("d", folder.resolve(disk), ImageOptions.WRITABLE
                .withFormat(ImageFormat.QCOW2));
        return guests.code(LETTERS, config -> more.apply(config.device(DeviceConfig.of(VirtioBlockType.NON_TRANSITIONAL)
                .with(PciPlace.ADDRESS, 5 << 3).with(VirtioBlockType.DRIVE, drive))));
    }

    private void assertRefused(String says, UnaryOperator<MachineConfig.Builder> more) throws Exception {
        Guest guest = guest("a", more).start();
        guest.awaitOutput(ALL_LETTERS);
        CompletableFuture<Void> load = guest.machine().snapshots().load("one", SnapshotScope.ALL);

        StateException e = assertInstanceOf(StateException.class,
                assertThrows(ExecutionException.class, () -> done(load)).getCause());

        assertTrue(e.getMessage().contains(says), e.getMessage());
        assertEquals(MachineState.RUNNING, guest.state());
        guest.machine().quit();
        guest.close();
    }

    @Test
    void shouldRefuseAnotherMachineAndLetTheGuestGoOn() throws Exception {
        new DiskImages(new FfmSyscalls()).create(folder.resolve("a"), ImageFormat.QCOW2, CreateValues.ofSize(1 << 20));
        Guest guest = guest("a", config -> config).start();
        guest.awaitOutput(ALL_LETTERS);
        done(guest.machine().snapshots().save("one", SnapshotScope.ALL, false));
        guest.close();

        assertRefused("CPUs: 1, this one has 2", config -> config.cpus(2));
        assertRefused("more than", config -> config.memory(1 << 20));
        assertRefused("bytes of memory", config -> config.memory(4 << 20));
        assertRefused("this machine has device", config -> config.device(DeviceConfig.of(
                PciTestdevType.TYPE)));
    }

    @Test
    void shouldRefuseADamagedStateAndLetTheGuestGoOn() throws Exception {
        Path disk = folder.resolve("a");
        new DiskImages(new FfmSyscalls()).create(disk, ImageFormat.QCOW2, CreateValues.ofSize(1 << 20));
        Guest guest = guest("a", config -> config).start();
        guest.awaitOutput(ALL_LETTERS);
        done(guest.machine().snapshots().save("one", SnapshotScope.ALL, false));
        guest.close();
        byte[] image = Files.readAllBytes(disk);
        int start = new String(image, StandardCharsets.ISO_8859_1).indexOf("jkvm\r\n");

        for (int at : new int[] {2, 9, 40, 300, 2000}) {
            byte[] damaged = image.clone();
            damaged[start + at] ^= 1;
            Files.write(disk, damaged);
            assertRefused("state", config -> config);
        }
    }

    @Test
    void shouldNotReturnWhileAJobCountsOnWhatTheDiskHas() throws Exception {
        new DiskImages(new FfmSyscalls()).create(folder.resolve("a"), ImageFormat.QCOW2, CreateValues.ofSize(1 << 20));
        Guest guest = guest("a", config -> config).start();
        guest.awaitOutput(ALL_LETTERS);
        done(guest.machine().snapshots().save("one", SnapshotScope.ALL, false));
        BlockNode node = guest.machine().devices().disks().disk("d").orElseThrow().node();
        node.block("block device is in use by block job: stream");
        CompletableFuture<Void> load = guest.machine().snapshots().load("one", SnapshotScope.ALL);

        Throwable refusal = assertThrows(ExecutionException.class, () -> done(load)).getCause();

        assertEquals("Node '" + node.name() + "' is busy: block device is in use by block job: stream",
                refusal.getMessage());
        assertEquals(MachineState.RUNNING, guest.state());
        node.block(null);
        done(guest.machine().snapshots().load("one", SnapshotScope.ALL));
        guest.machine().quit();
        guest.close();
    }

    @Test
    void shouldSaveNothingIntoADiskThatAnotherMachineHas() throws Exception {
        new DiskImages(new FfmSyscalls()).create(folder.resolve("a"), ImageFormat.QCOW2, CreateValues.ofSize(1 << 20));
        Guest guest = guest("a", config -> config).start();
        guest.awaitOutput(ALL_LETTERS);
        done(guest.machine().snapshots().save("one", SnapshotScope.ALL, false));
        done(guest.machine().migration().stop());
        done(guest.machine().migration().giveUpDisks());
        done(guest.machine().migration().left());
        byte[] disk = Files.readAllBytes(folder.resolve("a"));

        for (CompletableFuture<?> refused : List.of(
                guest.machine().snapshots().save("two", SnapshotScope.ALL, false),
                guest.machine().snapshots().load("one", SnapshotScope.ALL),
                guest.machine().snapshots().delete("one", SnapshotScope.ALL))) {
            Throwable refusal = assertThrows(ExecutionException.class, () -> done(refused)).getCause();
            assertTrue(refusal.getMessage().contains("a is with another machine"), refusal.getMessage());
        }
        assertArrayEquals(disk, Files.readAllBytes(folder.resolve("a")));
        guest.resume();
        done(guest.machine().snapshots().load("one", SnapshotScope.ALL));
        guest.machine().quit();
        guest.close();
    }

    @Test
    void shouldBeginWithWhatAnotherMachineSaved() throws Exception {
        new DiskImages(new FfmSyscalls()).create(folder.resolve("a"), ImageFormat.QCOW2, CreateValues.ofSize(1 << 20));
        Guest guest = guest("a", config -> config);
        CompletableFuture<MachineSnapshots.Taken> saved = guest.machine().snapshots()
                .save("start", SnapshotScope.ALL, false);
        guest.start().awaitOutput(ALL_LETTERS);
        done(saved);
        done(guest.machine().snapshots().save("end", SnapshotScope.ALL, false));
        guest.close();

        Guest next = guest("a", config -> config);
        CompletableFuture<Void> loaded = next.machine().snapshots().load("end", SnapshotScope.ALL);
        next.start();
        done(loaded);
        done(next.machine().snapshots().load("start", SnapshotScope.ALL));

        assertEquals(ALL_LETTERS, next.awaitOutput(ALL_LETTERS), "from the end it prints nothing, from the start all");
    }
}
