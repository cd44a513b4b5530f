package jkvm.control.jfr;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import jkvm.control.trace.RunView;
import jkvm.control.trace.ViewConfig;

/**
 * Tells a run to the JDK's Flight Recorder.
 *
 * @param file     gets the recording; empty where the user starts one by the JVM's own means ({@code jcmd},
 *                 {@code -XX:StartFlightRecording}), which gets the events too
 * @param settings {@code jkvm}, {@code jkvm-all}, a name that the JDK knows, or a file; they say which events are
 *                 recorded, from how long on
 */
public record FlightConfig(Optional<Path> file, String settings) implements ViewConfig {
    /** The settings of a recording that stays small. */
    public static final String DEFAULT_SETTINGS = "jkvm";
    /** Events for a recording that somebody else starts. */
    public static final FlightConfig EVENTS_ONLY = new FlightConfig(Optional.empty(), DEFAULT_SETTINGS);

    @Override
    public RunView open(PrintStream messages) {
        return new FlightView(file.map(path -> FlightRecording.start(path, settings, messages)));
    }
}
