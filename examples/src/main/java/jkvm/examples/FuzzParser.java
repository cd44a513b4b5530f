package jkvm.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.Experiments;
import jkvm.machine.Experiments.End;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.config.CountingConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.soft.observe.EdgeCoverage;
import jkvm.soft.observe.SoftObserver;
import jkvm.work.InstructionClock;

/**
 * Fuzzes a guest: finds an input for which its parser (parser.S) goes astray, without knowing the parser. The machine
 * is at a reset point when the parser begins; each experiment puts an input into guest memory, lets the guest run, and
 * returns to the point. The KVM in Java counts the guest's jumps: an input that reaches a jump for the first time is
 * kept, and later inputs are made from those that were kept.
 *
 * <p>{@code java -cp ... jkvm.examples.FuzzParser [SEED]}: the same seed finds the same input.
 */
public final class FuzzParser implements Experiments.Experiment {
    private static final int PORT = 0xf4;
    private static final long LENGTH_ADDRESS = 0x10000;
    private static final long TEXT_ADDRESS = LENGTH_ADDRESS + Integer.BYTES;
    private static final int TEXT_SIZE = 8;
    private static final long MOST_INSTRUCTIONS = 5_000;
    private static final long MOST_EXPERIMENTS = 2_000_000;

    private final Random random;
    private final EdgeCoverage coverage = new EdgeCoverage();
    private final byte[] seen = new byte[EdgeCoverage.SIZE];
    private final List<byte[]> kept = new ArrayList<>(List.of(new byte[TEXT_SIZE]));
    private byte[] text = kept.getFirst();
    private byte[] culprit;

    FuzzParser(long seed) {
        random = new Random(seed);
    }

    public static void main(String[] args) throws IOException {
        FuzzParser fuzzer = new FuzzParser(args.length > 0 ? Long.parseLong(args[0]) : 1);
        long start = System.nanoTime();
        long count = fuzzer.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("%d experiments in %.1f s, %.0f a second%n", count, seconds, count / seconds);
        System.out.println(fuzzer.culprit == null ? "the parser took all of them"
                : "the parser goes astray: " + fuzzer.describe());
    }

    /**
     * Looks for an input.
     *
     * @return how many were tried
     */
    long run() throws IOException {
        MachineConfig config = MachineConfig.builder().kernel(GuestImage.file("parser")).memory(16 << 20)
                .counting(new CountingConfig(0, false, false)).accelerators(List.of(Accelerator.Kind.SOFT)).build();
        InstructionClock clock = config.time().newClock().orElseThrow();
        Syscalls kvm = Accelerators.open(List.of(Accelerator.Kind.SOFT), new FfmSyscalls(),
                config.softOptions(clock).observedBy(_ -> new SoftObserver() {
                    @Override
                    public EdgeCoverage coverage() {
                        return coverage;
                    }
                })).syscalls();
        // The host may be busy: only the count of instructions ends an experiment.
        Experiments experiments = new Experiments(PORT, this).instructions(MOST_INSTRUCTIONS)
                .timeout(Duration.ofMinutes(5));
        MachineBuilder builder = new MachineBuilder(config, kvm, _ -> {
            throw new IllegalStateException("no device of this machine has a chardev");
        });
        try (Machine machine = builder.clock(clock).observer(experiments).build()) {
            experiments.run(machine);
        }
        return experiments.count();
    }

    @Override
    public boolean begin(Machine machine, long number) {
        byte[] parent = random.nextBoolean() ? kept.getLast() : kept.get(random.nextInt(kept.size()));
        text = mutate(parent.clone());
        machine.memory().writeInt(LENGTH_ADDRESS, text.length);
        machine.memory().write(TEXT_ADDRESS, text);
        coverage.clear();
        return culprit == null && number < MOST_EXPERIMENTS;
    }

    /** Changes a byte or two. */
    private byte[] mutate(byte[] changed) {
        int changes = 1 + random.nextInt(2);
        for (int i = 0; i < changes; i++) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt();
        }
        return changed;
    }

    @Override
    public void ended(Machine machine, End end, int value) {
        if (end != End.PORT) {
            culprit = text;
        } else if (coverage.addNewTo(seen)) {
            kept.add(text);
            System.out.println("new: " + describe());
        }
    }

    private String describe() {
        String readable = new String(text, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".");
        return readable + "  " + HexFormat.ofDelimiter(" ").formatHex(text);
    }

    /** The input that was found, or null. */
    byte[] culprit() {
        return culprit;
    }
}
