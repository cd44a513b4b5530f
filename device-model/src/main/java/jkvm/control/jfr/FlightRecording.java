package jkvm.control.jfr;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import jkvm.control.trace.Ticker;
import jkvm.host.HostException;

/**
 * A recording of the JVM that runs a guest. The JVM keeps it in its folder for temporary files, {@value #MAX_BYTES}
 * bytes at most, the oldest ones going first, and it is written to its file when it is closed, or when the JVM ends.
 *
 * <p>A JVM that cannot write there any more ends at once, and the guest with it: so the recording ends before, while
 * {@value #RESERVE_BYTES} bytes are still free.
 */
final class FlightRecording implements AutoCloseable {
    private static final long MAX_BYTES = 1L << 30;
    private static final long RESERVE_BYTES = 64 << 20;
    private static final long LOOK_MILLIS = 100;
    private static final long MILLISECOND_NANOS = 1_000_000;
    private static final long PATIENCE_NANOS = 700 * MILLISECOND_NANOS;
    private static final String SUFFIX = ".jfc";

    private final Recording recording;
    private final Path file;
    private final PrintStream messages;
    private final LongSupplier free;
    /** The file will need as much room as the JVM's own. */
    private final boolean sharesDisk;
    private final Ticker watch;
    private boolean ended;

    @SuppressWarnings("this-escape")
    private FlightRecording(Recording recording, Path file, PrintStream messages, LongSupplier free) {
        this.recording = recording;
        this.file = file;
        this.messages = messages;
        this.free = free;
        sharesDisk = sharesDisk(file);
        watch = new Ticker("flight-recording", LOOK_MILLIS, this::look);
    }

    private static boolean sharesDisk(Path file) {
        try {
            return Files.getFileStore(file).equals(Files.getFileStore(temporaryFolder()));
        } catch (IOException _) {
            return true;
        }
    }

    /** Where the JVM keeps recordings, unless it is told otherwise. */
    private static Path temporaryFolder() {
        return Path.of(System.getProperty("java.io.tmpdir"));
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
        return start(file, settings, messages, temporaryFolder().toFile()::getUsableSpace);
    }

    /** @param free bytes that the JVM may still write to its folder */
    static FlightRecording start(Path file, String settings, PrintStream messages, LongSupplier free) {
        Configuration configuration = configuration(settings);
        if (free.getAsLong() < RESERVE_BYTES) {
            throw new FlightException("cannot record to " + file, lack(), null);
        }
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
            return new FlightRecording(recording, file, messages, free);
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
        } catch (NoSuchFileException e) {
            throw new FlightException("settings of a recording " + settings, HostException.reasonOf(e)
                    + "; jkvm, jkvm-all, default and profile need no file", e);
        } catch (IOException e) {
            throw new FlightException("settings of a recording " + settings, HostException.reasonOf(e), e);
        } catch (ParseException e) {
            throw new FlightException("settings of a recording " + settings, "line " + e.getErrorOffset() + ": "
                    + e.getMessage(), e);
        }
    }

    private static String lack() {
        return "less than " + (RESERVE_BYTES >> 20) + " MiB are free in " + temporaryFolder()
                + ", where the JVM keeps recordings";
    }

    /** Ends the recording in time. */
    private void look() {
        if (free.getAsLong() < RESERVE_BYTES + (sharesDisk ? recording.getSize() : 0) && end()) {
            messages.println("jkvm: warning: the recording " + file + " ends here: " + lack());
        }
    }

    /** Ends it and writes the file. */
    @Override
    public void close() {
        watch.close();
        end();
    }

    /** @return false if it had ended already */
    private synchronized boolean end() {
        if (ended) {
            return false;
        }
        ended = true;
        if (LastWord.isEnding()) {
            awaitRecorder();
        } else {
            write();
        }
        return true;
    }

    private void write() {
        try (recording) {
            // The recorder would only log an error.
            recording.setDumpOnExit(false);
            recording.setDestination(null);
            recording.stop();
            recording.dump(file);
        } catch (IOException e) {
            tellLoss(HostException.reasonOf(e));
        } catch (IllegalStateException e) {
            tellLoss(e.getMessage());
        }
    }

    private void tellLoss(String reason) {
        messages.println("jkvm: warning: the recording " + file + " is not whole: " + reason);
    }

    /** The JVM ends: the recorder writes the file by itself, and closes the recording then. */
    private void awaitRecorder() {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (recording.getState() != RecordingState.CLOSED) {
            if (System.nanoTime() - end > 0) {
                tellLoss("the JVM still writes it");
                return;
            }
            LockSupport.parkNanos(MILLISECOND_NANOS);
        }
    }
}
