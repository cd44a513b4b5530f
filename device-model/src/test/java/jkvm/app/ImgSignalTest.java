package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SIGUSR1 to a process of {@code jkvm img} that is started as the launcher does. */
@Timeout(60)
class ImgSignalTest {
    private static final String[] BLOCKED = {"env", "--block-signal=USR1"};

    @TempDir
    private Path folder;
    private Process process;

    @AfterEach
    void end() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldTellHowFarAConversionIs() throws Exception {
        // given
        assumeTrue(run(BLOCKED[0], BLOCKED[1], "true") == 0, "this host's env blocks no signals");
        Path source = Files.write(folder.resolve("a"), "x".repeat(8 << 20).getBytes(StandardCharsets.US_ASCII));
        List<String> command = new ArrayList<>(List.of(BLOCKED));
        command.addAll(JkvmProcess.command(("img convert -p -r 1M " + source + " " + folder.resolve("b")).split(" ")));
        process = new ProcessBuilder(command).start();
        assertTrue(process.getInputStream().read() >= 0, "it has shown that nothing is done as yet");

        // when
        assertEquals(0, run("kill", "-USR1", Long.toString(process.pid())));

        // then
        try (BufferedReader lines = process.errorReader(StandardCharsets.US_ASCII)) {
            String line = lines.readLine();
            assertTrue(line.matches(" {4}\\(\\d{1,2}\\.\\d\\d/100%\\)"), line);
            assertTrue(process.isAlive(), "it goes on");
        }
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).start().waitFor();
    }
}
