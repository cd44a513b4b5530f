package jkvm.bench.suite;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run of the suite has found.
 *
 * @param about   date, machine and the like, by their titles
 * @param figures in the order in which they were taken
 * @param notRun  what could not be measured
 */
public record Results(Map<String, String> about, List<Figure> figures, List<NotRun> notRun) {

    /**
     * What is missing from the results.
     *
     * @param what   a part, or another program beside it
     * @param reason why
     */
    public record NotRun(String what, String reason) {
    }

    public Results {
        about = Collections.unmodifiableMap(new LinkedHashMap<>(about));
        figures = List.copyOf(figures);
        notRun = List.copyOf(notRun);
    }

    /** The figure of this key. */
    public Optional<Figure> figure(String key) {
        return figures.stream().filter(figure -> figure.key().equals(key)).findFirst();
    }

    /** Figures of hot paths that allocate. */
    public List<Figure> allocating() {
        return figures.stream().filter(figure -> figure.allocation().isTooMuch()).toList();
    }
}
