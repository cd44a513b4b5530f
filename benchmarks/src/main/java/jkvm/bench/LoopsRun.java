package jkvm.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

    List<PairedComparison> measure() {
        List<PairedComparison> found = new ArrayList<>();
        double[] product = new double[rounds];
        Arrays.fill(product, 1);
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
            found.add(new PairedComparison(loop.description, "M/s", compiler, beside, ">= 0.7"));
            found.add(new PairedComparison("    " + loop.description + "; interpreter", "M/s", interpreter, beside,
                    ">= 0.07"));
            for (int i = 0; i < beside.length; i++) {
                product[i] *= compiler[i] / beside[i];
            }
        }
        if (tcg.isPresent()) {
            double[] means = Arrays.stream(product).map(all -> Math.pow(all, 1.0 / Loop.values().length)).toArray();
            found.add(new PairedComparison("geometric mean of the five", PairedComparison.TIMES, means, new double[0],
                    ">= 1.2"));
        }
        return found;
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
