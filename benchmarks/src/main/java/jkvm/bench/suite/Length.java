package jkvm.bench.suite;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** How long a run of the suite measures. */
public enum Length {
    /** Each part once, to see that it runs; its figures say nothing. */
    SMOKE(0, 1, 20, 1),
    /** Under 15 minutes on two cores. */
    SHORT(2, 5, 500, 7),
    /** An hour: the figures that are published. */
    FULL(5, 15, 1000, 25);

    private final int warmUps;
    private final int iterations;
    private final int milliseconds;
    private final int rounds;

    Length(int warmUps, int iterations, int milliseconds, int rounds) {
        this.warmUps = warmUps;
        this.iterations = iterations;
        this.milliseconds = milliseconds;
        this.rounds = rounds;
    }

    /** The one of this name, in lower case as on the command line. */
    public static Optional<Length> named(String name) {
        return Stream.of(values()).filter(length -> length.word().equals(name)).findFirst();
    }

    /** Its name on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Iterations of a microbenchmark that do not count. */
    public int warmUps() {
        return warmUps;
    }

    /** Iterations of a microbenchmark that count. */
    public int iterations() {
        return iterations;
    }

    /** Time of an iteration. */
    public int milliseconds() {
        return milliseconds;
    }

    /** Rounds of a pair of processes that start in a fraction of a second. */
    public int rounds() {
        return rounds;
    }

    /** Rounds of a pair that takes many seconds. */
    public int fewRounds() {
        return Math.max(1, rounds / 5);
    }
}
