package jkvm.bench.suite;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** A part of the suite: figures that are taken together. */
public interface Part {
    /** Unique in the suite; chooses it on the command line. */
    String name();

    /** What it measures, in a line. */
    String description();

    /** Without these it cannot run. */
    Set<Need> needs();

    /** Without these it gives jkvm's figures alone. */
    Set<Need> peers();

    /**
     * Measures. Called only where all its needs are there.
     *
     * @throws IllegalStateException if what is measured does not do what it has to
     */
    List<Figure> run(Effort effort) throws IOException, InterruptedException;
}
