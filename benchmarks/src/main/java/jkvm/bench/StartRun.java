package jkvm.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The whole process from start to a tiny guest's exit, beside TCG's and beside a Java program that does nothing. */
final class StartRun {
    private static final int WARM_UP_RUNS = 2;
    /** The exit code by the guest's write to isa-debug-exit: {@code (0 << 1) | 1}. */
    private static final int EXIT_CODE = 1;
    private static final String OUTPUT = "A";
    private final Path image;
    private final Optional<Hypervisor> tcg;
    private final HelloProgram hello;
    private final int rounds;

    StartRun(Path image, Optional<Hypervisor> tcg, HelloProgram hello, int rounds) {
        this.image = image;
        this.tcg = tcg;
        this.hello = hello;
        this.rounds = rounds;
    }

    List<PairedComparison> measure() throws InterruptedException {
        double[] own = new double[rounds];
        double[] beside = new double[tcg.isPresent() ? rounds : 0];
        double[] bare = new double[rounds];
        for (int i = -WARM_UP_RUNS; i < rounds; i++) {
            int round = Math.max(i, 0);
            own[round] = run(Hypervisor.COMPILED);
            if (tcg.isPresent()) {
                beside[round] = run(tcg.get());
            }
            try (WatchedProcess process = hello.start()) {
                bare[round] = process.awaitEnd(0, HelloProgram.WORD);
            }
        }
        return List.of(new PairedComparison("tiny guest, start to exit", "ms", own, beside, "<= 1.5"),
                new PairedComparison("    beside a bare Java hello", "ms", own, bare, ""));
    }

    private double run(Hypervisor hypervisor) throws InterruptedException {
        try (WatchedProcess guest = hypervisor.start("64M", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4",
                "-kernel", image.toString())) {
            return guest.awaitEnd(EXIT_CODE, OUTPUT);
        }
    }
}
