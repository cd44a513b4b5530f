package jkvm.bench;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import jkvm.bench.suite.Effort;
import jkvm.bench.suite.Figure;
import jkvm.bench.suite.Need;
import jkvm.bench.suite.Part;

/**
 * Figures of jkvm and of another program, taken by turns.
 *
 * @param name        of the part
 * @param description of it
 * @param needs       of both
 * @param peers       without which jkvm is measured alone
 * @param other       the other program's name
 * @param work        measures
 */
record PairedPart(String name, String description, Set<Need> needs, Set<Need> peers, String other, Work work)
        implements Part {
    /** Measures pairs. */
    @FunctionalInterface
    interface Work {
        List<PairedComparison> measure(Effort effort) throws IOException, InterruptedException;
    }

    PairedPart {
        needs = Set.copyOf(needs);
        peers = Set.copyOf(peers);
    }

    @Override
    public List<Figure> run(Effort effort) throws IOException, InterruptedException {
        return work.measure(effort).stream().flatMap(pair -> pair.figures(name, other).stream()).toList();
    }
}
