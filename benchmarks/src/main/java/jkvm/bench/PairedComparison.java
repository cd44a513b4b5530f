package jkvm.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import jkvm.bench.suite.Figure;
import jkvm.bench.suite.Figure.Allocation;
import jkvm.bench.suite.Figure.Unit;

/**
 * A line of the table: figures of jkvm and of another program, taken in pairs.
 *
 * @param what     is measured
 * @param unit     of the figures
 * @param jkvm     a figure of each round
 * @param beside   the other's figure of the same round; empty where there is none
 * @param target   what the ratio or jkvm's figure is to be
 */
record PairedComparison(String what, String unit, double[] jkvm, double[] beside, String target) {
    /** The unit of a figure that is a quotient of rates itself. */
    static final String TIMES = "x";
    /** Of these more is better. */
    private static final Set<String> RATES = Set.of("M/s", TIMES);
    private static final String FORMAT = "%-42s %9s %9s %-5s %7s  %s%n";

    /** @param beside the other program's name */
    static void printHead(PrintStream out, String beside) {
        out.printf(FORMAT, "", "jkvm", beside, "", "ratio", "target");
    }

    /** jkvm's figure by the other's, the median of the rounds; NaN where there is no other. */
    double ratio() {
        return beside.length == 0 ? Double.NaN : Medians.pairedRatio(jkvm, beside);
    }

    /**
     * The same as figures of the suite: jkvm's, the other's, and the pairs' ratios.
     *
     * @param part  of the suite
     * @param other the other program's name
     */
    List<Figure> figures(String part, String other) {
        Unit own = new Unit(unit, !RATES.contains(unit));
        String name = what.strip();
        List<Figure> figures = new ArrayList<>();
        figures.add(new Figure(part, name, own, Medians.list(jkvm), Allocation.UNKNOWN));
        if (beside.length > 0) {
            figures.add(new Figure(part, name + ", " + other, own, Medians.list(beside), Allocation.UNKNOWN));
            figures.add(new Figure(part, name + ", jkvm by " + other, new Unit(Unit.RATIO, own.lessIsBetter()),
                    Medians.list(Medians.ratios(jkvm, beside)), Allocation.UNKNOWN));
        }
        return figures;
    }

    void print(PrintStream out) {
        boolean alone = beside.length == 0;
        out.printf(FORMAT, what, figure(Medians.median(jkvm)), alone ? "-" : figure(Medians.median(beside)), unit,
                alone ? "-" : String.format(Locale.ROOT, "%.3f", ratio()), target);
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
    }
}
