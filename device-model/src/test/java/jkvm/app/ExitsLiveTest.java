package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import jkvm.guest.GuestImages;
import jkvm.linux.FdStream;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.LinuxException;
import jkvm.linux.Pty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code -trace exits,top}, Ctrl-A T and SIGUSR1 on a guest that writes "ready" and sleeps. */
@Timeout(60)
class ExitsLiveTest {
    private static final String SHOWN = "\033[?1049h";
    private static final String HIDDEN = "\033[?1049l";
    /** Six characters, each after a look at the transmitter. */
    private static final String LIVE_ROW = "   0 IO out           0x3f8    1 serial0 ";
    private static final Pattern TABLE_ROW = Pattern.compile("IO out +0x3f8 +1 serial0 +6 \\|");

    @TempDir
    private Path folder;
    private final Pty pty = Pty.open(new FfmSyscalls());
    private final FdStream user = new FdStream(pty.fd(), pty.fd());
    private final StringBuilder seen = new StringBuilder();
    private Process process;

    @AfterEach
    void end() {
        process.destroyForcibly();
        user.close();
        pty.close();
    }

    private ProcessBuilder guest(String... options) {
        Path image = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot")
                .resolve("power-button.bin");
        List<String> words = new ArrayList<>(List.of("-accel", "soft", "-m", "32", "-nodefaults", "-display", "none",
                "-kernel", image.toString()));
        words.addAll(List.of(options));
        return new ProcessBuilder(JkvmProcess.command(words.toArray(String[]::new)));
    }

    /** Reads the terminal until a text comes that has not been waited for yet; answers what came up to its end. */
    private String seenUntil(String text) {
        byte[] bytes = new byte[FdStream.MAX_TRANSFER];
        while (seen.indexOf(text) < 0) {
            int count;
            try {
                count = user.read(bytes, bytes.length);
            } catch (LinuxException e) {
                throw new AssertionError("the process has ended, and '" + text + "' is not in: " + seen, e);
            }
            seen.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
        }
        int end = seen.indexOf(text) + text.length();
        String found = seen.substring(0, end);
        seen.delete(0, end);
        return found;
    }

    private void type(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        assertEquals(bytes.length, user.write(bytes, 0, bytes.length));
    }

    @Test
    void shouldShowTheExitsOnTheOtherScreenUntilASignalEndsTheProcess() throws Exception {
        // given
        process = guest("-serial", "stdio", "-trace", "exits,top").redirectError(new File(pty.path())).start();
        seenUntil(SHOWN);
        BufferedReader console = process.inputReader(StandardCharsets.US_ASCII);
        assertEquals("ready", console.readLine());

        // when
        seenUntil(LIVE_ROW);
        String row = seenUntil("\033[K");
        process.toHandle().destroy();

        // then
        assertTrue(row.matches(" +\\d+ +\\d+\\.\\d +\\d+\\.\\d +6\\x1B\\[K"), row);
        assertFalse(seenUntil(HIDDEN).contains("handler"), "the first screen comes before the last table");
        assertTrue(TABLE_ROW.matcher(seenUntil("vCPU 0")).find(), "the last table");
        assertEquals(0, process.waitFor());
    }

    @Test
    void shouldBeginAndEndByAKeyAndShowAfterwardsWhatTheConsoleHasWritten() throws Exception {
        // given
        File terminal = new File(pty.path());
        process = guest("-serial", "mon:stdio", "-trace", "exits").redirectInput(terminal).redirectOutput(terminal)
                .redirectError(terminal).start();
        seenUntil("ready");

        // when
        type("\1T");
        seenUntil(SHOWN);
        seenUntil(LIVE_ROW);
        type("\1h\1T");

        // then
        String shown = seenUntil(HIDDEN);
        assertFalse(shown.contains("show the exits live"), shown);
        assertTrue(seenUntil("sends C-a").contains("C-a T    show the exits live, or end that"));
        type("\1x");
        assertTrue(TABLE_ROW.matcher(seenUntil("vCPU 0")).find(), "the last table");
        assertEquals(0, process.waitFor());
    }

    @Test
    void shouldSayThatThereIsNoTerminal() throws Exception {
        process = guest("-serial", "stdio", "-trace", "exits,top").start();
        assertEquals("ready", process.inputReader(StandardCharsets.US_ASCII).readLine());

        process.toHandle().destroy();

        String output = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(output.startsWith("jkvm: warning: standard error is no terminal: exits are shown at the end only\n"),
                output);
        assertFalse(output.contains("\033"), output);
        assertTrue(TABLE_ROW.matcher(output).find(), output);
    }

    @Test
    void shouldPrintTheTableOnSigusr1WhileTheGuestRuns() throws Exception {
        // given
        process = blocked(guest("-serial", "stdio", "-trace", "exits")).start();
        assertEquals("ready", process.inputReader(StandardCharsets.US_ASCII).readLine());

        // when
        assertEquals(0, run("kill", "-USR1", Long.toString(process.pid())));

        // then
        assertTrue(TABLE_ROW.matcher(table()).find(), "the table");
        assertTrue(process.isAlive(), "it goes on");
    }

    @Test
    void shouldPrintTheTableOnSigusr1WhileTheGuestIsPaused() throws Exception {
        // given
        process = blocked(guest("-serial", "null", "-trace", "exits", "-S", "-qmp",
                "unix:" + folder.resolve("qmp") + ",server=on,wait=off")).start();

        // when
        while (process.getErrorStream().available() == 0) {
            assertEquals(0, run("kill", "-USR1", Long.toString(process.pid())));
            assertFalse(process.waitFor(200, TimeUnit.MILLISECONDS), "it goes on");
        }

        // then
        assertFalse(TABLE_ROW.matcher(table()).find(), "nothing has run");
    }

    /** As the launcher starts it. */
    private static ProcessBuilder blocked(ProcessBuilder builder) throws Exception {
        assumeTrue(run("env", "--block-signal=USR1", "true") == 0, "this host's env blocks no signals");
        builder.command().addAll(0, List.of("env", "--block-signal=USR1"));
        return builder;
    }

    /** The lines of the table, up to the one that begins its last part. */
    private String table() throws IOException {
        StringBuilder text = new StringBuilder();
        BufferedReader errors = process.errorReader(StandardCharsets.UTF_8);
        String line;
        do {
            line = errors.readLine();
            text.append(line).append('\n');
        } while (line != null && !line.startsWith("vCPU "));
        return text.toString();
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).start().waitFor();
    }
}
