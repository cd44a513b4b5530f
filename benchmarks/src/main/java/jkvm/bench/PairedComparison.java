package jkvm.bench;

import java.io.PrintStream;
import java.util.Locale;

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
    private static final String FORMAT = "%-42s %9s %9s %-5s %7s  %s%n";

    /** @param beside the other program's name */
    static void printHead(PrintStream out, String beside) {
        out.printf(FORMAT, "", "jkvm", beside, "", "ratio", "target");
    }

    /** jkvm's figure by the other's, the median of the rounds; NaN where there is no other. */
    double ratio() {
        return beside.length == 0 ? Double.NaN : Medians.pairedRatio(jkvm, beside);
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
