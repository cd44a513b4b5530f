package jkvm.bench.suite;

import java.io.PrintStream;
import java.util.List;

/** The table on the terminal, a line for each figure as it comes. */
public final class Table {
    private static final String ROW = "%-58s %11s %-10s %-9s %s%n";
    private final PrintStream out;

    /** Prints the head. */
    public Table(PrintStream out) {
        this.out = out;
        out.printf(ROW, "", "median", "+-", "unit", "allocated");
    }

    /** Prints a part's figures. */
    public void add(List<Figure> figures) {
        for (Figure figure : figures) {
            out.printf(ROW, figure.key(), Numbers.of(figure.median()), Numbers.of(figure.error()), figure.unit().text(),
                    figure.allocation().text() + (figure.allocation().isTooMuch() ? " (has to be 0)" : ""));
        }
        out.flush();
    }

    /** Prints what could not be measured. */
    public void notRun(Results.NotRun missing) {
        out.printf("%-58s not run: %s%n", missing.what(), missing.reason());
        out.flush();
    }
}
