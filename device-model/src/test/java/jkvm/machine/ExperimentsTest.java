package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import jkvm.guest.GuestImages;
import jkvm.host.chardev.FakeChardev;
import jkvm.junit.GuestTest;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.Experiments.End;
import jkvm.machine.config.CountingConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.work.InstructionClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs many short experiments on one guest: each finds the machine as the first one did. */
@GuestTest
@Timeout(120)
class ExperimentsTest {
    private static final Path IMAGE = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot")
            .resolve("experiment.bin");
    private static final int PORT = 0xf4;
    private static final long INPUT = 0x200000;
    private static final int COUNT = 0, FAULT = 1, HALT = 2, SPIN = 3;
    private static final int EXPERIMENTS = Boolean.getBoolean("jkvm.long") ? 100_000 : 1000;

    private final Syscalls kvm;

    ExperimentsTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    /** Gives each experiment what to do and a number, and collects how it ended. */
    private static final class Series implements Experiments.Experiment {
        final List<String> ends = new ArrayList<>();
        final List<int[]> inputs = new ArrayList<>();

        Series add(int what, int number) {
            inputs.add(new int[] {what, number});
            return this;
        }

        @Override
        public boolean begin(Machine machine, long number) {
            if (number == inputs.size()) {
                return false;
            }
            machine.memory().writeInt(INPUT, inputs.get((int) number)[0]);
            machine.memory().writeInt(INPUT + 4, inputs.get((int) number)[1]);
            return true;
        }

        @Override
        public void ended(Machine machine, End end, int value) {
            ends.add(end + " " + Integer.toHexString(value));
        }
    }

    private static MachineConfig.Builder config() {
        return TestConfigs.machine(64).kernel(IMAGE);
    }

    private Experiments run(Experiments experiments) {
        try (Machine machine = new MachineBuilder(config().build(), kvm, _ -> new FakeChardev())
                .observer(experiments).build()) {
            assertEquals(MachineExit.SUCCESS, experiments.run(machine));
        }
        return experiments;
    }

    private static void runCounted(Experiments experiments) {
        MachineConfig config = config().counting(new CountingConfig(0, false, false))
                .accelerators(List.of(Accelerator.Kind.SOFT)).build();
        InstructionClock clock = config.time().newClock().orElseThrow();
        Syscalls soft = Accelerators.open(config.host().accelerators(), new FfmSyscalls(), config.softOptions(clock))
                .syscalls();
        try (Machine machine = new MachineBuilder(config, soft, _ -> new FakeChardev()).clock(clock)
                .observer(experiments).build()) {
            assertEquals(MachineExit.SUCCESS, experiments.run(machine));
        }
    }

    @Test
    void shouldFindTheMachineAsTheFirstExperimentDid() {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        Random random = new Random(seed);
        Series series = new Series();
        for (int i = 0; i < EXPERIMENTS; i++) {
            series.add(COUNT, random.nextInt(4));
        }

        assertEquals(EXPERIMENTS, run(new Experiments(PORT, series)).count());

        String[] first = new String[4];
        for (int i = 0; i < EXPERIMENTS; i++) {
            int number = series.inputs.get(i)[1];
            if (first[number] == null) {
                first[number] = series.ends.get(i);
            }
            assertEquals(first[number], series.ends.get(i), "experiment %d, seed %d".formatted(i, seed));
        }
    }

    @Test
    void shouldTellEachKindOfEnd() {
        Series series = new Series().add(COUNT, 5).add(FAULT, 0).add(HALT, 0).add(SPIN, 0).add(COUNT, 5);

        run(new Experiments(PORT, series).timeout(Duration.ofMillis(50)));

        assertEquals(List.of("TRIPLE_FAULT 0", "HALT 0", "TIMEOUT 0"), series.ends.subList(1, 4));
        assertTrue(series.ends.getFirst().startsWith("PORT"), series.ends.toString());
        assertEquals(series.ends.getFirst(), series.ends.getLast());
    }

    @Test
    void shouldEndAfterSoManyInstructions() {
        Series series = new Series().add(SPIN, 0).add(COUNT, 5).add(SPIN, 0).add(COUNT, 5);

        runCounted(new Experiments(PORT, series).instructions(10_000));

        assertEquals(List.of("INSTRUCTIONS 0", series.ends.get(1), "INSTRUCTIONS 0", series.ends.get(1)), series.ends);
    }

    @Test
    void shouldRefuseAMachineThatWasNotBuiltForIt() {
        try (Machine machine = new MachineBuilder(config().build(), kvm, _ -> new FakeChardev()).build()) {
            assertThrows(IllegalStateException.class, () -> new Experiments(PORT, new Series()).run(machine));
        }
    }
}
