package jkvm.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalTest {
    private static final int O_NOCTTY = 0x100;
    private final Syscalls syscalls = new FfmSyscalls();
    private final Pty pty = Pty.open(syscalls);
    private final Fd terminal = Fd.open(syscalls, pty.path(), Fd.O_RDWR | O_NOCTTY);
    private Termios cooked;

    @BeforeEach
    void makeTheTerminalOneThatAShellWouldHave() {
        Termios raw = Termios.get(terminal);
        cooked = raw.cooked();
        assertTrue(cooked.apply(terminal));
        assertTrue(Termios.get(terminal).isCanonical());
    }

    @AfterEach
    void close() {
        terminal.close();
        pty.close();
    }

    @Test
    void shouldMakeTheTerminalRawAndRestoreIt() {
        Terminal raw = Terminal.makeRaw(terminal, false).orElseThrow();
        assertFalse(Termios.get(terminal).isCanonical());
        raw.close();
        raw.close();
        assertTrue(Termios.get(terminal).sameAs(cooked));
    }

    @Test
    void shouldPassCtrlCOnOnlyWhenSignalsAreOff() {
        assertTrue(cooked.raw(true, true).sendsSignals());
        assertFalse(cooked.raw(false, true).sendsSignals());
    }

    @Test
    void shouldLeaveAloneWhatIsNoTerminal() {
        try (Fd nothing = Fd.open(syscalls, "/dev/null", Fd.O_RDWR)) {
            assertEquals(Optional.empty(), Terminal.makeRaw(nothing, false));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "exit", "throw", "TERM", "HUP", "INT"})
    void shouldRestoreTheTerminalHoweverTheProcessEnds(String way) throws IOException, InterruptedException {
        Process probe = start(way);
        try (BufferedReader output = probe.inputReader()) {
            assertEquals("raw", output.readLine());
            if (way.length() <= 4 && !way.equals("exit")) {
                assertFalse(Termios.get(terminal).isCanonical());
                send(way, probe);
            }
            assertTrue(probe.waitFor(20, TimeUnit.SECONDS), "the process ends");
        } finally {
            probe.destroyForcibly();
        }
        assertTrue(Termios.get(terminal).sameAs(cooked));
    }

    @Test
    @DisplayName("a process in the background, as below timeout, leaves its terminal alone instead of being stopped")
    void shouldNotTouchATerminalFromTheBackground() throws IOException, InterruptedException {
        Process probe = start("close", "setsid", "--ctty", "--wait", "timeout", "15");
        try (BufferedReader output = probe.inputReader()) {
            assertEquals("raw", output.readLine());
            assertTrue(probe.waitFor(20, TimeUnit.SECONDS), "the process ends");
        } finally {
            probe.destroyForcibly();
        }
        assertEquals(0, probe.exitValue());
        assertTrue(Termios.get(terminal).sameAs(cooked));
    }

    @Test
    void shouldMakeTheTerminalRawAgainWhenTheProcessGoesOn() throws IOException, InterruptedException {
        Process probe = start("TERM");
        try (BufferedReader output = probe.inputReader()) {
            assertEquals("raw", output.readLine());
            Termios raw = Termios.get(terminal);
            send("STOP", probe);
            assertTrue(cooked.apply(terminal));
            send("CONT", probe);
            for (int i = 0; i < 500 && !Termios.get(terminal).sameAs(raw); i++) {
                Thread.sleep(10);
            }
            assertTrue(Termios.get(terminal).sameAs(raw));
            send("TERM", probe);
            assertTrue(probe.waitFor(20, TimeUnit.SECONDS), "the process ends");
        } finally {
            probe.destroyForcibly();
        }
        assertTrue(Termios.get(terminal).sameAs(cooked));
    }

    private static void send(String signal, Process process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    }

    private Process start(String way, String... prefix) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        // A parent in the background may ignore signals, and hands that on.
        List<String> command = new ArrayList<>(List.of(prefix));
        command.addAll(List.of("env", "--default-signal=HUP,INT,TERM", java, "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
                folderOf(Terminal.class) + File.pathSeparator + folderOf(TerminalProbe.class),
                TerminalProbe.class.getName(), way));
        return new ProcessBuilder(command)
                .redirectInput(new File(pty.path())).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static String folderOf(Class<?> type) {
        return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString())).toString();
    }
}
