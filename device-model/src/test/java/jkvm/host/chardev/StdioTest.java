package jkvm.host.chardev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import jkvm.linux.FdStream;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Pty;
import jkvm.linux.Syscalls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Standard input and output of a real process. */
@Timeout(30)
class StdioTest {
    private Process process;

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    private static ProcessBuilder probe() {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
                folderOf(Syscalls.class) + File.pathSeparator + folderOf(Chardevs.class) + File.pathSeparator
                + folderOf(StdioProbe.class), StdioProbe.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    private static String folderOf(Class<?> type) {
        return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString())).toString();
    }

    private void send(String text) throws IOException {
        process.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
    }

    private void assertEndsWell() throws InterruptedException {
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
    }

    @Test
    void shouldCarryPipedInputAndQuitOnItsEscape() throws IOException, InterruptedException {
        process = probe().start();
        send("hi\n");
        assertEquals(">hi\n", new String(process.getInputStream().readNBytes(4), StandardCharsets.US_ASCII));
        send("\1x");
        assertEquals("jkvm: Terminated\r\n",
                new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        assertEndsWell();
    }

    @Test
    void shouldNotSpinAtTheEndOfPipedInput() throws IOException, InterruptedException {
        process = probe().start();
        try (InputStream output = process.getInputStream()) {
            send("bye\4");
            process.getOutputStream().close();
            String expected = ">bye\4after the end\n";
            assertEquals(expected, new String(output.readNBytes(expected.length()), StandardCharsets.US_ASCII));
            Thread.sleep(200);
            Duration before = process.info().totalCpuDuration().orElseThrow();
            Thread.sleep(500);
            Duration used = process.info().totalCpuDuration().orElseThrow().minus(before);
            assertTrue(used.toMillis() < 100, "used " + used + " of half a second");
            assertTrue(process.isAlive());
        }
    }

    @Test
    void shouldTurnOffEchoAndLineEditingOfATerminal() throws IOException, InterruptedException {
        Syscalls syscalls = new FfmSyscalls();
        try (Pty pty = Pty.open(syscalls); FdStream user = new FdStream(pty.fd(), pty.fd())) {
            process = probe().redirectInput(new File(pty.path())).redirectOutput(new File(pty.path())).start();
            assertEquals(">", read(user, 1));
            user.write(new byte[] {'a', 3, '\r'}, 0, 3);
            assertEquals("a\3\r", read(user, 3));
            user.write(new byte[] {1, 'x'}, 0, 2);
            // The terminal adds a carriage return, as output processing stays on.
            assertEquals("jkvm: Terminated\r\r\n", read(user, 19));
            assertEndsWell();
        }
    }

    private static String read(FdStream stream, int length) {
        byte[] bytes = new byte[length];
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            int count = stream.read(bytes, length - text.length());
            text.append(new String(bytes, 0, count, StandardCharsets.US_ASCII));
        }
        return text.toString();
    }
}
