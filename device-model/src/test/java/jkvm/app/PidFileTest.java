package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import jkvm.app.options.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileTest {
    @TempDir
    private Path folder;

    @Test
    void shouldHoldTheProcessIdUntilClosed() throws IOException {
        Path path = Files.writeString(folder.resolve("pid"), "a longer text of an earlier run");
        try (PidFile _ = PidFile.write(Optional.of(path))) {
            assertEquals(ProcessHandle.current().pid() + "\n", Files.readString(path));
        }
        assertFalse(Files.exists(path));
    }

    @Test
    void shouldDoNothingWithoutAPath() {
        assertNull(PidFile.write(Optional.empty()));
    }

    @Test
    void shouldRefuseTheFileOfAMachineThatRuns() throws IOException {
        Path path = folder.resolve("pid");
        try (PidFile _ = PidFile.write(Optional.of(path))) {
            assertMessage(path, "belongs to another process that runs; name another file");
            assertEquals(ProcessHandle.current().pid() + "\n", Files.readString(path));
        }
    }

    @Test
    void shouldRefuseWhatCannotBeWrittenAndLeaveDevicesAlone() {
        assertMessage(folder, "is a directory; name a file");
        assertMessage(folder.resolve("absent/pid"), "cannot be written; is its folder there, and may you write to it?");
        assertMessage(Path.of("/dev/full"), "cannot be written: No space left on device");
        assertTrue(Files.exists(Path.of("/dev/full")));
    }

    private static void assertMessage(Path path, String message) {
        String thrown = assertThrows(UsageException.class, () -> PidFile.write(Optional.of(path))).getMessage();
        assertEquals("-pidfile " + path + ": " + message, thrown);
    }
}
