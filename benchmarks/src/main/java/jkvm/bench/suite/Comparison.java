package jkvm.bench.suite;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * A figure beside the same one of an older run. It has moved if both are true: Welch's t-test finds that the means
 * differ, with a chance of one in a thousand that they do not, and the medians differ by a twentieth. The second is for
 * what a test of one run's samples cannot see: two runs on one machine differ by a few per cent of themselves.
 *
 * @param old    its figure
 * @param recent the figure of this run
 */
public record Comparison(Figure old, Figure recent) {
    private static final double CONFIDENCE = 0.999;
    private static final double LEAST_CHANGE = 0.05;

    /** What has become of a figure. */
    public enum Verdict {
        BETTER, WORSE, SAME,
        /** Of one of the two there is but one sample. */
        UNKNOWN
    }

    /** Those figures that both have, with the same unit. */
    public static List<Comparison> of(Results old, Results recent) {
        return recent.figures().stream().flatMap(figure -> old.figure(figure.key()).stream()
                .filter(before -> before.unit().equals(figure.unit())).map(before -> new Comparison(before, figure)))
                .toList();
    }

    /** This run's median by the older one's. */
    public double ratio() {
        return old.median() == recent.median() ? 1 : recent.median() / old.median();
    }

    /** By the rule. */
    public Verdict verdict() {
        if (old.samples().size() < 2 || recent.samples().size() < 2) {
            return Verdict.UNKNOWN;
        }
        if (Math.abs(ratio() - 1) < LEAST_CHANGE || !differ()) {
            return Verdict.SAME;
        }
        return ratio() < 1 == recent.unit().lessIsBetter() ? Verdict.BETTER : Verdict.WORSE;
    }

    private boolean differ() {
        if (old.statistics().getVariance() == 0 && recent.statistics().getVariance() == 0) {
            return true;
        }
        return old.statistics().isDifferent(recent.statistics(), CONFIDENCE);
    }

    /** Prints what has moved, then how many have not. */
    public static void print(Results old, Results recent, PrintStream out) {
        List<Comparison> all = of(old, recent);
        out.printf("%nCompared with the run of %s. Moved: Welch's t-test at %s %%, and medians apart by %s %%.%n",
                old.about().getOrDefault("date", "unknown date"), Numbers.of(CONFIDENCE * 100),
                Numbers.of(LEAST_CHANGE * 100));
        for (Comparison comparison : all) {
            Verdict verdict = comparison.verdict();
            if (verdict == Verdict.BETTER || verdict == Verdict.WORSE) {
                out.printf("%-7s %-58s %10s -> %-10s %-6s %+.1f %%%n", verdict.name().toLowerCase(Locale.ROOT),
                        comparison.recent.key(), Numbers.of(comparison.old.median()),
                        Numbers.of(comparison.recent.median()), comparison.recent.unit().text(),
                        (comparison.ratio() - 1) * 100);
            }
        }
        out.printf("%d better, %d worse, %d within noise, %d with too few samples to tell;"
                        + " %d figures have no older one%n",
                count(all, Verdict.BETTER), count(all, Verdict.WORSE), count(all, Verdict.SAME),
                count(all, Verdict.UNKNOWN), recent.figures().size() - all.size());
    }

    private static long count(List<Comparison> all, Verdict verdict) {
        return all.stream().filter(comparison -> comparison.verdict() == verdict).count();
    }
}
