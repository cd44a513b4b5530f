package jkvm.control.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.consumer.RecordingFile;
import jkvm.machine.MachineRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A recording while the disk for the JVM's temporary files fills. */
@Timeout(60)
class FlightRecordingSpaceTest {
    private static final long PLENTY = 1L << 40;

    @TempDir
    private Path folder;
    private final AtomicLong free = new AtomicLong(PLENTY);
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();

    private FlightRecording start(Path file) {
        return FlightRecording.start(file, "default", new PrintStream(messages, true), free::get);
    }

    private String lack() {
        return "less than 64 MiB are free in " + System.getProperty("java.io.tmpdir")
                + ", where the JVM keeps recordings";
    }

    @Test
    void shouldEndInTimeWithWhatThereIs() throws Exception {
        // given
        Path file = folder.resolve("a.jfr");
        try (FlightRecording _ = start(file)) {

            // when
            free.set(1 << 20);

            // then
            MachineRun.await("a message", () -> messages.size() > 0);
        }
        assertEquals("jkvm: warning: the recording " + file + " ends here: " + lack() + "\n",
                messages.toString(StandardCharsets.UTF_8));
        assertFalse(RecordingFile.readAllEvents(file).isEmpty());
    }

    @Test
    void shouldNotBeginWhereThereIsTooLittle() {
        Path file = folder.resolve("a.jfr");
        free.set(1 << 20);

        FlightException refusal = assertThrows(FlightException.class, () -> start(file));

        assertEquals("cannot record to " + file + ": " + lack(), refusal.getMessage());
        assertFalse(Files.exists(file));
    }
}
