package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import jkvm.abi.KvmRegs;
import jkvm.device.board.PciPlace;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.guest.GuestImages;
import jkvm.machine.config.CountingConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A replay goes to any moment of its past, and finds the guest as it was then: registers, memory, disk. */
@Timeout(60)
class ReplayHistoryTest {
    private static final Path GUESTS = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot");
    private static final int DISK_SIZE = 1 << 16, MOMENTS = 12, SEEKS = 30;

    @TempDir
    private Path folder;
    private Path disk;
    private CountedRun recorded;

    /** A guest at a moment. */
    private record Seen(String registers, String memory) {
        static Seen of(Machine machine) {
            KvmRegs regs = machine.debug().vcpus().getFirst().regs();
            return new Seen(HexFormat.of().formatHex(regs.segment().toArray(ValueLayout.JAVA_BYTE)),
                    CountedRun.hash(machine.memory()));
        }
    }

    @BeforeEach
    void record() throws IOException {
        disk = folder.resolve("disk.raw");
        Files.write(disk, new byte[DISK_SIZE]);
        recorded = CountedRun.of(guest(new CountingConfig.Recording(folder.resolve("log"))));
    }

    /** It writes the time to a disk, reads it back and prints it. */
    private MachineConfig guest(CountingConfig.Log log) {
        return TestConfigs.machine(4).counting(new CountingConfig(2, false, false, log))
                .accelerators(List.of(Accelerator.Kind.SOFT)).kernel(GUESTS.resolve("counted.bin"))
                .device(DeviceConfig.of(VirtioBlockType.NON_TRANSITIONAL).with(PciPlace.ADDRESS, 5 << 3)
                        .with(VirtioBlockType.DRIVE, TestConfigs.rawDrive("d", disk))).build();
    }

    private CountedRun replay(Consumer<CountedRun.Control> user) {
        return CountedRun.of(guest(new CountingConfig.Replay(folder.resolve("log"))), user);
    }

    /** Runs once without a way back, and looks at the guest at some moments. */
    private Map<Long, Seen> moments(Random random) {
        Map<Long, Seen> seen = new TreeMap<>();
        random.longs(MOMENTS, 1, recorded.count() - 1).forEach(count -> seen.put(count, null));
        assertEquals(recorded, replay(control -> look(control, List.copyOf(seen.keySet()), 0, seen)));
        return seen;
    }

    private static void look(CountedRun.Control control, List<Long> counts, int next, Map<Long, Seen> seen) {
        if (next < counts.size()) {
            control.clock().stopAt(counts.get(next), () -> {
                var _ = control.machine().quiesced(() -> seen.put(counts.get(next), Seen.of(control.machine())));
                look(control, counts, next + 1, seen);
            });
        }
    }

    @Test
    void shouldFindTheGuestAsItWasAtAnyCountInAnyOrder() throws IOException {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        Random random = new Random(seed);
        Map<Long, Seen> seen = moments(random);
        List<Long> counts = List.copyOf(seen.keySet());
        StringBuilder wrong = new StringBuilder();

        CountedRun again = replay(control -> {
            Machine machine = control.machine();
            ReplayHistory history = machine.debug().history().orElseThrow();
            Semaphore stopped = new Semaphore(0);
            machine.addListener(event -> {
                if (event.type() == MachineEvent.Type.STOP) {
                    stopped.release();
                }
            });
            var _ = machine.pause();
            var begun = history.begin();
            Thread.ofPlatform().daemon().start(() -> {
                begun.join();
                stopped.acquireUninterruptibly();
                for (int i = 0; i < SEEKS; i++) {
                    long count = counts.get(random.nextInt(counts.size()));
                    if (!history.seek(count)) {
                        stopped.acquireUninterruptibly();
                    }
                    if (history.count() != count || !Seen.of(machine).equals(seen.get(count))) {
                        wrong.append(" ").append(count);
                    }
                }
                history.runTo(Long.MAX_VALUE);
                var _ = machine.resume();
            });
        });

        assertEquals("", wrong.toString(), "seed " + seed);
        assertEquals(recorded, again, "what was printed once is not printed again, seed " + seed);
    }

    @Test
    void shouldLeaveTheDiskAsItWas() throws IOException {
        assertFalse(recorded.serial().isEmpty());
        assertTrue(Files.readAllBytes(disk).length == DISK_SIZE);
        for (byte each : Files.readAllBytes(disk)) {
            assertEquals(0, each);
        }
    }
}
