package jkvm.bench.suite;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import jkvm.bench.suite.Results.NotRun;

/** Runs parts one after the other: prints each one's figures when they are there, and says what is missing. */
public final class SuiteRun {
    private final List<Part> parts;
    private final Effort effort;
    private final Table table;
    private final List<Figure> figures = new ArrayList<>();
    private final List<NotRun> notRun = new ArrayList<>();

    /** @param out takes the table */
    public SuiteRun(List<Part> parts, Effort effort, PrintStream out) {
        this.parts = List.copyOf(parts);
        this.effort = effort;
        this.table = new Table(out);
    }

    /** Runs all. A part that fails is one that has not run, and the others go on. */
    public Results run(Map<String, String> about) throws InterruptedException {
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            effort.progress().accept("[%d/%d] %s: %s".formatted(i + 1, parts.size(), part.name(), part.description()));
            String missing = missing(part.needs());
            if (!missing.isEmpty()) {
                add(new NotRun(part.name(), missing));
                continue;
            }
            for (Need peer : part.peers()) {
                peer.missing(effort).ifPresent(reason -> add(new NotRun(part.name() + ", " + peer.title(), reason)));
            }
            measure(part);
        }
        return new Results(about, figures, notRun);
    }

    private String missing(Set<Need> needs) {
        return needs.stream().sorted().flatMap(need -> need.missing(effort).stream()).collect(Collectors.joining("; "));
    }

    private void measure(Part part) throws InterruptedException {
        try {
            List<Figure> found = part.run(effort);
            figures.addAll(found);
            table.add(found);
        } catch (IOException | RuntimeException e) {
            add(new NotRun(part.name(), "failed: " + e));
        }
    }

    private void add(NotRun missing) {
        notRun.add(missing);
        table.notRun(missing);
    }

    /** True if a part began and did not come to its end. */
    public boolean hasFailed() {
        return notRun.stream().anyMatch(missing -> missing.reason().startsWith("failed: "));
    }
}
