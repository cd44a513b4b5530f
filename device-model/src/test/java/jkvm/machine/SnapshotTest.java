package jkvm.machine;

import static jkvm.machine.MachineRun.await;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import jkvm.device.testdev.PciTestdevType;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.Syscalls;
import jkvm.machine.BusyGuest.Outside;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineType;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.state.StateException;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Saves and loads a machine that lives by the host's time. The guest itself checks its state. */
@OnEachKvm
@Timeout(300)
class SnapshotTest {
    private static final int SAVES = Boolean.getBoolean("jkvm.long") ? 100 : 8;
    /** Prints the letters from A to Z, then halts for ever. */
    private static final String LETTERS = "b0 41 ba f8 03 ee fe c0 3c 5b 75 f9 fa f4 eb fd";
    private static final String ALL_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    @TempDir
    private Path folder;
    private final Syscalls kvm;

    SnapshotTest(Syscalls kvm) {
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
        FakeChardev serial = new FakeChardev();
        try (MachineRun run = new MachineRun(machine(serial, config -> config.cpus(2)))) {
            CompletableFuture<MachineSnapshot> start = run.machine.save();
            run.start();
            await("all letters", () -> serial.text().equals(ALL_LETTERS));

            done(run.machine.load(done(start)));

            await("all letters again", () -> serial.text().equals(ALL_LETTERS + ALL_LETTERS));
            assertEquals(MachineState.RUNNING, run.machine.state());
        }
    }

    @Test
    void shouldRefuseAStateOfAnotherMachineAndSayWhatDiffers() throws Exception {
        MachineSnapshot snapshot;
        try (MachineRun run = new MachineRun(machine(new FakeChardev(), UnaryOperator.identity()))) {
            CompletableFuture<MachineSnapshot> saved = run.machine.save();
            run.start();
            snapshot = done(saved);
        }
        assertRefused(snapshot, "2097152 bytes of memory", config -> config.memory(4 << 20));
        assertRefused(snapshot, "1 CPUs", config -> config.cpus(2));
        assertRefused(snapshot, "machine type PC", config -> config.type(MachineType.MICROVM));
        assertRefused(snapshot, "this one has device", config -> config.device(DeviceConfig.of(PciTestdevType.TYPE)));
    }

    private void assertRefused(MachineSnapshot snapshot, String says,
            UnaryOperator<MachineConfig.Builder> more) throws Exception {
        FakeChardev serial = new FakeChardev();
        try (MachineRun run = new MachineRun(machine(serial, more))) {
            CompletableFuture<Void> load = run.machine.load(snapshot);
            run.start();
            StateException e = assertInstanceOf(StateException.class,
                    assertThrows(ExecutionException.class, () -> done(load)).getCause());
            assertTrue(e.getMessage().contains(says), e.getMessage());
            await("it starts as if nothing had been asked", () -> serial.text().equals(ALL_LETTERS));
        }
    }

    @Test
    void shouldStayAsItWasWhereAPartOfAStateIsDamaged() throws Exception {
        FakeChardev serial = new FakeChardev();
        try (MachineRun run = new MachineRun(machine(serial, UnaryOperator.identity()))) {
            CompletableFuture<MachineSnapshot> saved = run.machine.save();
            List<CompletableFuture<Void>> loads = new ArrayList<>();
            run.machine.quiesced(() -> {
                for (String name : saved.join().names()) {
                    loads.add(run.machine.load(saved.join().with(name, new byte[] {'V', 1, 'x', 2})));
                }
                return null;
            });
            run.start();

            await("all letters", () -> serial.text().equals(ALL_LETTERS));

            assertTrue(loads.size() > 10);
            for (CompletableFuture<Void> load : loads) {
                ExecutionException e = assertThrows(ExecutionException.class, () -> done(load));
                assertInstanceOf(StateException.class, e.getCause());
            }
        }
    }

    private Machine machine(FakeChardev serial, UnaryOperator<MachineConfig.Builder> more) throws IOException {
        Path image = Files.write(folder.resolve("guest.bin"), HexFormat.of().parseHex(LETTERS.replace(" ", "")));
        MachineConfig config = more.apply(TestConfigs.machine(2).loader(TestConfigs.start(image, 0x1000))).build();
        return new MachineBuilder(config, kvm, _ -> serial).build();
    }
}
