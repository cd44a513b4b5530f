package jkvm.control.jfr;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import jkvm.host.HostException;

/**
 * A recording of the JVM that runs a guest. The JVM keeps it in its folder for temporary files, {@value #MAX_BYTES}
 * bytes at most, the oldest ones going first, and it is written to its file when it is closed, or when the JVM ends.
 */
final class FlightRecording implements AutoCloseable {
    private static final long MAX_BYTES = 1L << 30;
    private static final String SUFFIX = ".jfc";

    private final Recording recording;
    private final Path file;
    private final PrintStream messages;

    private FlightRecording(Recording recording, Path file, PrintStream messages) {
        this.recording = recording;
        this.file = file;
        this.messages = messages;
    }

    /**
     * Starts one.
     *
     * @param file     is emptied now, so that a mistake shows before the guest starts
     * @param settings as {@link FlightConfig#settings()}
     * @param messages is told if the file could not be written in the end
     * @throws FlightException if the file cannot be written, the settings cannot be read, or the JVM cannot record
     */
    static FlightRecording start(Path file, String settings, PrintStream messages) {
        Configuration configuration = configuration(settings);
        try {
            Files.newOutputStream(file).close();
        } catch (IOException e) {
            throw new FlightException("Error opening recording " + file, HostException.reasonOf(e), e);
        }
        try {
            Recording recording = new Recording(configuration);
            recording.setName("jkvm");
            recording.setMaxSize(MAX_BYTES);
            recording.setDestination(file);
            recording.setDumpOnExit(true);
            recording.start();
            return new FlightRecording(recording, file, messages);
        } catch (IOException | IllegalStateException e) {
            throw new FlightException("cannot record to " + file, e.getMessage(), e);
        }
    }

    private static Configuration configuration(String settings) {
        try {
            try (InputStream own = FlightRecording.class.getResourceAsStream(settings + SUFFIX)) {
                if (own != null) {
                    return Configuration.create(new InputStreamReader(own, StandardCharsets.UTF_8));
                }
            }
            boolean isJdks = Configuration.getConfigurations().stream().anyMatch(one -> one.getName().equals(settings));
            return isJdks ? Configuration.getConfiguration(settings) : Configuration.create(Path.of(settings));
        } catch (IOException e) {
            throw new FlightException("settings of a recording " + settings, HostException.reasonOf(e), e);
        } catch (ParseException e) {
            throw new FlightException("settings of a recording " + settings, "line " + e.getErrorOffset() + ": "
                    + e.getMessage(), e);
        }
    }

    /** Ends it and writes the file. */
    @Override
    public void close() {
        try (recording) {
            // The recorder would only log an error.
            recording.setDestination(null);
            recording.stop();
            recording.dump(file);
        } catch (IOException e) {
            messages.println("jkvm: warning: the recording " + file + " is not whole: " + HostException.reasonOf(e));
        } catch (IllegalStateException _) {
            // The JVM ends, and has written it.
        }
    }
}
