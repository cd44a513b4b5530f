package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.guest.InstalledTools;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A user at Debian's socat, and the monitors of a jkvm process. */
@OnEachKvm
@Timeout(60)
class MonitorTest {
    private static final long PATIENCE_SECONDS = 30;
    /** After so long without a byte socat ends, and the test fails. */
    private static final String SILENCE_SECONDS = "20";
    /** The file of a socket is there a little before somebody listens. */
    private static final String LISTENING = ",retry=50,interval=0.1";
    /** mov eax, 0x12345678; mov [0x2000], eax; mov al, 'A'; mov dx, 0x3f8; out dx, al; jmp to itself. */
    private static final String GUEST = "66b878563412 66a30020 b041 baf803 ee ebfe";

    @TempDir
    private Path folder;
    private final Accelerator kvm;

    MonitorTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    private Process start(Path socket, String... arguments) throws Exception {
        Path image = Files.write(folder.resolve("guest.bin"), HexFormat.of().parseHex(GUEST.replace(" ", "")));
        Path messages = folder.resolve("messages");
        List<String> words = new ArrayList<>(List.of("-accel", kvm.kind().text(), "-m", "2", "-nodefaults", "-device",
                "loader,file=" + image + ",addr=0x1000", "-device", "loader,addr=0x1000,cpu-num=0"));
        words.addAll(List.of(arguments));
        Process jkvm = new ProcessBuilder(JkvmProcess.command(words.toArray(String[]::new)))
                .redirectErrorStream(true).redirectOutput(messages.toFile()).start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.exists(socket)) {
            assertTrue(jkvm.isAlive() && System.nanoTime() < end, () -> read(messages));
            Thread.sleep(10);
        }
        return jkvm;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** A user who types a line when the text that ends the line before has come. */
    private static final class User implements AutoCloseable {
        private final Process socat;
        private final StringBuilder seen = new StringBuilder();

        User(Path socket) throws IOException {
            assumeTrue(InstalledTools.has("socat"), "socat is not installed");
            socat = new ProcessBuilder("socat", "-T", SILENCE_SECONDS, "-", "UNIX-CONNECT:" + socket + LISTENING)
                    .redirectErrorStream(true).start();
        }

        void type(String text) throws IOException {
            socat.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socat.getOutputStream().flush();
        }

        /** Waits for the end of the output, and returns what came before it without the terminal's own codes. */
        String until(String end) throws IOException {
            InputStream in = socat.getInputStream();
            int found;
            while ((found = seen.indexOf(end)) < 0) {
                int value = in.read();
                assertTrue(value >= 0, () -> "no " + end + " in " + seen);
                seen.append((char) value);
            }
            String text = seen.substring(0, found).replaceAll("\033\\[[A-Z]", "");
            seen.delete(0, found + end.length());
            return text;
        }

        /** Executes a command and returns its output. */
        String ask(String command) throws IOException {
            type(command + "\r");
            String text = until("\r\n(qemu) ");
            int echo = text.indexOf("\r\n");
            return echo < 0 ? "" : text.substring(echo + 2);
        }

        @Override
        public void close() {
            socat.destroyForcibly();
        }
    }

    @Test
    void shouldSteerTheGuestAndShowWhatItHasDone() throws Exception {
        Path socket = folder.resolve("monitor");
        Process jkvm = start(socket, "-display", "none", "-trace", "exits", "-serial", "null", "-S",
                "-monitor", "unix:" + socket + ",server=on,wait=off");
        try {
            try (User user = new User(socket)) {
                assertTrue(user.until("(qemu) ").matches("jkvm \\S+ monitor - type 'help' for more information\r\n"));
                assertEquals("VM status: paused (prelaunch)", user.ask("info status"));
                assertEquals("0000000000002000: 0x00000000", user.ask("x/xw 0x2000"));
                assertEquals("", user.ask("cont"));
                while (!user.ask("p $pc").equals("0x1010")) {
                    Thread.sleep(10);
                }
                assertEquals("0000000000002000: 0x12345678", user.ask("x/xw 0x2000"));
                assertTrue(user.ask("info registers").contains("EAX=12345641 EBX=00000000"));
                assertTrue(user.ask("info exits").contains("0x3f8"));
                user.type("qui");
            }
            try (User user = new User(socket)) {
                user.until("(qemu) ");
                assertEquals("unknown command: 't'", user.ask("t"));
                user.type("quit\r");
                assertTrue(jkvm.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
                assertEquals(0, jkvm.exitValue());
            }
        } finally {
            jkvm.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldStartAndStopTheServerOfARealDebugger() throws Exception {
        assumeTrue(InstalledTools.has("gdb"), "gdb is not installed");
        Path socket = folder.resolve("monitor");
        Path place = folder.resolve("gdb");
        String device = "unix:" + place + ",server=on,wait=off";
        Process jkvm = start(socket, "-display", "none", "-serial", "null", "-monitor",
                "unix:" + socket + ",server=on,wait=off");
        try (User user = new User(socket)) {
            user.until("(qemu) ");
            assertEquals("Disabled gdbserver", user.ask("gdbserver none"));
            String refused = user.ask("gdbserver foo");
            assertTrue(refused.contains("unknown character device")
                    && refused.endsWith("\r\nCould not open gdbserver on device 'foo'"), refused);
            assertEquals("the monitor does not wait for a debugger: add wait=off\r\n"
                    + "Could not open gdbserver on device 'unix:/x,server=on'",
                    user.ask("gdbserver unix:/x,server=on"));
            for (int round = 0; round < 2; round++) {
                assertEquals("Waiting for gdb connection on device '" + device + "'", user.ask("gdbserver " + device));
                assertTrue(user.ask("gdbserver null").startsWith("a gdb server runs already; "));
                Path seen = folder.resolve("seen" + round);
                Process gdb = new ProcessBuilder("gdb", "-nx", "-q", "-batch", "-ex", "target remote " + place, "-ex",
                        "p/x $rax", "-ex", "monitor gdbserver none", "-ex", "echo waits\\n", "-ex", "continue")
                        .redirectErrorStream(true).redirectOutput(seen.toFile()).start();
                while (!read(seen).contains("waits") || !user.ask("info status").equals("VM status: running")) {
                    assertTrue(gdb.isAlive(), () -> read(seen));
                    Thread.sleep(10);
                }
                assertEquals("Disabled gdbserver", user.ask("gdbserver none"));
                assertTrue(gdb.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), () -> read(seen));
                String text = read(seen);
                assertTrue(text.contains("$1 = 0x12345641\n") && text.contains("Remote connection closed")
                        && text.contains("this monitor starts and stops no gdb server"), text);
                assertEquals("VM status: running", user.ask("info status"));
            }
        } finally {
            jkvm.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldLeadFromTheConsoleToTheMonitorAndBack() throws Exception {
        Path socket = folder.resolve("console");
        Process jkvm = start(socket, "-display", "none", "-serial", "mon:unix:" + socket + ",server=on,wait=on");
        try (User user = new User(socket)) {
            user.until("A");
            user.type("\1c");
            assertTrue(user.until("(qemu) ").endsWith(" monitor - type 'help' for more information\r\n"));
            assertEquals("VM status: running", user.ask("info status"));
            assertEquals("", user.ask("stop"));
            user.type("\1c");
            assertEquals("", user.until("\r\n"));
            user.type("\1c");
            assertEquals("", user.until("(qemu) "));
            assertEquals("VM status: paused", user.ask("info status"));
            user.type("q\r");
            assertTrue(jkvm.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertEquals(0, jkvm.exitValue());
        } finally {
            jkvm.destroyForcibly().waitFor();
        }
    }
}
