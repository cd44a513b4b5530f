package jkvm.machine;

import static jkvm.machine.MachineRun.done;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import jkvm.control.guest.Guest;
import jkvm.device.testdev.PciTestdevType;
import jkvm.device.vga.VgaType;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.linux.Syscalls;
import jkvm.machine.BusyGuest.Outside;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.FirmwareConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineType;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.state.StateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Saves and loads a machine that lives by the host's time. The guest itself checks its state. */
@GuestTest
@Timeout(300)
class SnapshotTest {
    private static final int SAVES = Boolean.getBoolean("jkvm.long") ? 100 : 8;
    /** Prints the letters from A to Z, then halts for ever. */
    private static final String LETTERS = "b0 41 ba f8 03 ee fe c0 3c 5b 75 f9 fa f4 eb fd";
    private static final String ALL_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    @TempDir
    private Path folder;
    private final Guests guests;
    private final Syscalls kvm;

    SnapshotTest(Guests guests, Syscalls kvm) {
        this.guests = guests;
        this.kvm = kvm;
    }

    @Test
    void shouldGoOnInAnotherMachineFromAnyMoment() throws Exception {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        System.out.println("SnapshotTest: " + SAVES + " saves, -Djkvm.seed=" + seed);
        Random random = new Random(seed);
        Outside outside;
        long took;
        try (BusyGuest guest = BusyGuest.on(kvm, folder, Outside.EMPTY)) {
            long start = System.nanoTime();
            int status = guest.machine.run().status();
            took = System.nanoTime() - start;
            outside = guest.outside();
            assertEquals(BusyGuest.PASSED, status, outside.serial());
        }
        for (int i = 0; i < SAVES; i++) {
            BusyGuest.Saved saved = saveAfter(random.nextLong(took));
            try (BusyGuest next = BusyGuest.on(kvm, folder, saved.outside())) {
                CompletableFuture<Void> loaded = next.machine.load(saved.snapshot());
                int status = next.machine.run().status();
                loaded.join();
                Outside reached = next.outside();
                assertFalse(reached.serial().contains("FAIL"), reached.serial());
                assertEquals(BusyGuest.PASSED, status);
                assertEquals(outside.serial(), reached.serial());
                assertEquals(outside.packets(), reached.packets());
                assertArrayEquals(outside.disk(), reached.disk());
            }
        }
    }

    /** A guest that ends sooner is saved at its end. */
    private BusyGuest.Saved saveAfter(long nanos) throws Exception {
        while (true) {
            BusyGuest guest = BusyGuest.on(kvm, folder, Outside.EMPTY);
            try (guest; MachineRun run = new MachineRun(guest.machine).start()) {
                Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
                done(run.machine.pause());
                return done(guest.save());
            } catch (ExecutionException e) {
                assertInstanceOf(IllegalStateException.class, e.getCause(), "it has ended");
                nanos /= 2;
            }
        }
    }

    @Test
    void shouldReturnToAnEarlierStateOfItsOwn() throws Exception {
        Guest guest = guests.code(LETTERS, config -> config.cpus(2));
        CompletableFuture<MachineSnapshot> start = guest.machine().save();
        guest.start().awaitOutput(ALL_LETTERS);

        done(guest.machine().load(done(start)));

        assertEquals(ALL_LETTERS, guest.awaitOutput(ALL_LETTERS), "again");
        assertEquals(MachineState.RUNNING, guest.state());
    }

    @Test
    void shouldRefuseAStateOfAnotherMachineAndSayWhatDiffers() throws Exception {
        Guest guest = guests.code(LETTERS);
        CompletableFuture<MachineSnapshot> saved = guest.machine().save();
        guest.start();
        MachineSnapshot snapshot = done(saved);
        assertRefused(snapshot, "bytes of memory: 2097152, this one has 4194304",
                config -> config.memory(4 << 20));
        assertRefused(snapshot, "CPUs: 1, this one has 2", config -> config.cpus(2));
        assertRefused(snapshot, "machine type: PC, this one has MICROVM", config -> config.type(MachineType.MICROVM));
        assertRefused(snapshot, "this machine has device pci.2: pci-testdev, addr=02.0, pci id 1b36:0005",
                config -> config.device(DeviceConfig.of(PciTestdevType.TYPE)));
    }

    @Test
    void shouldNameTheFirstDifferenceOfCpusAndDevices() throws Exception {
        CpuConfig cpu = new CpuConfig("qemu64", Map.of());
        DeviceConfig adapter = DeviceConfig.of(VgaType.TYPE).with(VgaType.WIDTH, 800);
        Guest guest = guests.code(LETTERS, config -> config.cpu(cpu).device(adapter));
        CompletableFuture<MachineSnapshot> save = guest.machine().save();
        guest.start();
        MachineSnapshot snapshot = done(save);
        assertRefused(snapshot, "sse2 in its CPU features, this one does not",
                config -> config.cpu(new CpuConfig("qemu64", Map.of("sse2", false))).device(adapter));
        assertRefused(snapshot, "has xres=800 in its device",
                config -> config.cpu(cpu).device(DeviceConfig.of(VgaType.TYPE)));
    }

    @Test
    void shouldStayAsItWasWhereASectionIsUnknownOrMissing() throws Exception {
        Guest guest = guests.code(LETTERS);
        guest.start().awaitOutput(ALL_LETTERS);
        done(guest.machine().pause());
        MachineSnapshot before = done(guest.machine().save());
        assertRefused(guest, before.with("device none", new byte[1]),
                "the state has section device none, which is of no part of this machine");
        for (String name : before.names()) {
            assertRefused(guest, before.without(name), "the state has no " + name);
        }
        MachineSnapshot after = done(guest.machine().save());

        assertEquals(MachineState.PAUSED, guest.state());
        assertEquals(before.names(), after.names());
        for (String name : before.names()) {
            if (name.startsWith("device ") && !name.equals("device rtc")) {
                assertArrayEquals(before.section(name), after.section(name), name);
            }
        }
    }

    private static void assertRefused(Guest guest, MachineSnapshot snapshot, String says) {
        StateException e = assertInstanceOf(StateException.class, assertThrows(ExecutionException.class,
                () -> done(guest.machine().load(snapshot))).getCause());
        assertEquals(says, e.getMessage());
    }

    @Test
    void shouldRefuseAStateOfAMachineWithAnotherRom() throws Exception {
        byte[] rom = new byte[1 << 16];
        Guest first = withRom(rom);
        MachineSnapshot snapshot = done(first.start().machine().save());
        rom[0] = 1;
        Guest second = withRom(rom);
        CompletableFuture<Void> load = second.machine().load(snapshot);
        second.start();

        StateException e = assertInstanceOf(StateException.class,
                assertThrows(ExecutionException.class, () -> done(load)).getCause());
        assertTrue(e.getMessage().startsWith("the state is of a machine with firmware: 65536 bytes with checksum "),
                e.getMessage());
    }

    private Guest withRom(byte[] rom) throws IOException {
        Path file = Files.write(Files.createTempFile(folder, "rom", ""), rom);
        Guest guest = guests.build(MachineConfig.builder().memory(2 << 20)
                .firmware(FirmwareConfig.DEFAULT.withRom(file)).build());
        var _ = guest.machine().pause();
        return guest;
    }

    private void assertRefused(MachineSnapshot snapshot, String says, UnaryOperator<MachineConfig.Builder> more) {
        Guest guest = guests.code(LETTERS, more);
        CompletableFuture<Void> load = guest.machine().load(snapshot);
        guest.start();
        StateException e = assertInstanceOf(StateException.class,
                assertThrows(ExecutionException.class, () -> done(load)).getCause());
        assertTrue(e.getMessage().contains(says), e.getMessage());
        assertEquals(ALL_LETTERS, guest.awaitOutput(ALL_LETTERS), "it starts as if nothing had been asked");
    }

    @Test
    void shouldStayAsItWasWhereAPartOfAStateIsDamaged() {
        Guest guest = guests.code(LETTERS);
        CompletableFuture<MachineSnapshot> saved = guest.machine().save();
        List<CompletableFuture<Void>> loads = new ArrayList<>();
        guest.machine().quiesced(() -> {
            for (String name : saved.join().names()) {
                loads.add(guest.machine().load(saved.join().with(name, new byte[] {'V', 1, 'x', 2})));
            }
            return null;
        });

        assertEquals(ALL_LETTERS, guest.start().awaitOutput(ALL_LETTERS));

        assertTrue(loads.size() > 10);
        for (CompletableFuture<Void> load : loads) {
            ExecutionException e = assertThrows(ExecutionException.class, () -> done(load));
            assertInstanceOf(StateException.class, e.getCause());
        }
    }
}
