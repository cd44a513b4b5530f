package jkvm.control.trace;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The records that a run keeps of its guest.
 *
 * @param items      of {@code -d}
 * @param events     patterns of events, as {@link jkvm.inspect.TraceEvents} takes them
 * @param file       gets both; standard error if it is empty
 * @param exits      true for the table of exits
 * @param top        true if they are shown on the terminal from the start
 * @param exitsJson  gets the same table as JSON at the end
 * @param timestamps true if each event begins with the process and the time
 * @param views      what else looks at the run
 */
public record LogConfig(Set<LogItem> items, List<String> events, Optional<Path> file, boolean exits,
        boolean top, Optional<Path> exitsJson, boolean timestamps, List<ViewConfig> views) {
    /** Nothing. */
    public static final LogConfig NONE =
            new LogConfig(Set.of(), List.of(), Optional.empty(), false, false, Optional.empty(), false,
                    List.of());

    public LogConfig {
        items = Set.copyOf(items);
        events = List.copyOf(events);
        views = List.copyOf(views);
    }
}
