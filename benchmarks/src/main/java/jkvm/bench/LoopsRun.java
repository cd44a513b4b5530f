package jkvm.bench;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * The five loops of {@code loops.S}: from the guest's sign that a loop begins to its result, so that no start-up
 * counts, but the compilation of its code does.
 */
final class LoopsRun {
    /** The interpreter runs a smaller count: its rate does not change with time. */
    private static final int INTERPRETED_PART = 6;
    private final Path image;
    private final Optional<Hypervisor> tcg;
    private final int rounds;

    LoopsRun(Path image, Optional<Hypervisor> tcg, int rounds) {
        this.image = image;
        this.tcg = tcg;
        this.rounds = rounds;
    }

    void print(PrintStream out) {
        double[] ratios = new double[Loop.values().length];
        double[] interpreted = new double[ratios.length];
        for (Loop loop : Loop.values()) {
            double[] compiler = new double[rounds];
            double[] interpreter = new double[rounds];
            double[] beside = new double[tcg.isPresent() ? rounds : 0];
            for (int i = 0; i < rounds; i++) {
                Result own = run(Hypervisor.COMPILED, loop, loop.count);
                if (tcg.isPresent()) {
                    Result other = run(tcg.get(), loop, loop.count);
                    if (!own.text().equals(other.text())) {
                        throw new IllegalStateException(loop + ": " + own + " is not " + other);
                    }
                    beside[i] = other.rate();
                }
                compiler[i] = own.rate();
                interpreter[i] = run(Hypervisor.INTERPRETED, loop, loop.count / INTERPRETED_PART).rate();
            }
            PairedComparison first = new PairedComparison(loop.description, "M/s", compiler, beside, ">= 0.7");
            PairedComparison second = new PairedComparison("    interpreter alone", "M/s", interpreter, beside,
                    ">= 0.07");
            first.print(out);
            second.print(out);
            ratios[loop.ordinal()] = first.ratio();
            interpreted[loop.ordinal()] = second.ratio();
        }
        if (tcg.isPresent()) {
            out.printf("%-42s %35.3f  >= 1.2%n", "geometric mean of the five", geometricMean(ratios));
            out.printf("%-42s %35.3f  >= 0.07%n", "median of the interpreter's five", Medians.median(interpreted));
        }
    }

    static double geometricMean(double[] values) {
        return Math.exp(Arrays.stream(values).map(Math::log).average().orElseThrow());
    }

    private record Result(double rate, String text) {
    }

    private Result run(Hypervisor hypervisor, Loop loop, int times) {
        try (WatchedProcess guest = hypervisor.start("64M", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4",
                "-kernel", image.toString(), "-append", loop.commandLine(times))) {
            double begin = guest.await("S");
            String text = guest.readTo("\n");
            return new Result(loop.rate(times, guest.milliseconds() - begin), text);
        }
    }
}
