package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.control.qmp.QmpClient;
import jkvm.guest.InstalledTools;
import jkvm.json.Json;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs that steer a jkvm process: over a socket, standard input and output, a port, with Debian's socat. */
@OnEachKvm
@Timeout(60)
class QmpProcessTest {
    private static final long PATIENCE_SECONDS = 30;
    /** mov eax, 0x12345678; mov [0x2000], eax; jmp to itself. */
    private static final String GUEST = "66b878563412 66a30020 ebfe";
    private static final String NEGOTIATE = "{\"execute\": \"qmp_capabilities\"}\n";

    @TempDir
    private Path folder;
    private final Accelerator kvm;

    QmpProcessTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    private ProcessBuilder jkvm(String... arguments) throws IOException {
        Path image = Files.write(folder.resolve("guest.bin"), HexFormat.of().parseHex(GUEST.replace(" ", "")));
        List<String> words = new ArrayList<>(List.of("-accel", kvm.kind().text(), "-m", "2", "-nodefaults", "-display",
                "none", "-device", "loader,file=" + image + ",addr=0x1000", "-device", "loader,addr=0x1000,cpu-num=0"));
        words.addAll(List.of(arguments));
        return new ProcessBuilder(JkvmProcess.command(words.toArray(String[]::new)))
                .redirectError(folder.resolve("messages").toFile());
    }

    private static void assertEnds(Process process) throws InterruptedException {
        assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
    }

    @Test
    void shouldRunAGuestThatStartsPausedAndShowItsMemory() throws Exception {
        Path socket = folder.resolve("qmp");
        Path memory = folder.resolve("memory");
        Process jkvm = jkvm("-S", "-chardev", "ringbuf,id=r", "-chardev", "socket,id=m,path=" + socket
                + ",server=on,wait=off", "-mon", "chardev=m,mode=control").inheritIO().start();
        try (QmpClient client = QmpClient.negotiated(socket)) {
            assertEquals("prelaunch", QmpClient.text(client.ask("query-status"), "status"));
            String chardevs = client.ask("query-chardev").line();
            assertEquals("[{\"frontend-open\": false, \"filename\": \"ringbuf\", \"label\": \"r\"}, "
                    + "{\"frontend-open\": true, \"filename\": \"unix:" + socket + ",server=on\", \"label\": \"m\"}]",
                    chardevs);
            String save = "{\"val\": 8192, \"size\": 4, \"filename\": \"" + memory + "\"}";
            client.ask("pmemsave", save);
            assertEquals("00000000", HexFormat.of().formatHex(Files.readAllBytes(memory)));
            client.ask("cont");
            do {
                client.ask("pmemsave", save);
            } while (Files.readAllBytes(memory)[0] == 0);
            assertEquals("78563412", HexFormat.of().formatHex(Files.readAllBytes(memory)));
            Json.Text registers = (Json.Text) client.ask("human-monitor-command",
                    "{\"command-line\": \"info registers\"}");
            assertTrue(registers.value().contains("EAX=12345678"), registers.value());
            client.ask("quit");
            assertEquals("", client.line());
            assertEnds(jkvm);
            assertTrue(Files.notExists(socket));
        } finally {
            jkvm.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldServeStandardInputAndOutput() throws Exception {
        Process jkvm = jkvm("-S", "-qmp", "stdio").start();
        try {
            jkvm.getOutputStream().write((NEGOTIATE + "{\"execute\": \"quit\"}").getBytes(StandardCharsets.US_ASCII));
            jkvm.getOutputStream().flush();
            String[] lines = new String(jkvm.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).split("\r\n");
            assertTrue(lines[0].startsWith("{\"QMP\": "), lines[0]);
            assertEquals("{\"return\": {}}", lines[1]);
            assertTrue(lines[2].contains("\"event\": \"SHUTDOWN\""), lines[2]);
            assertEquals("{\"return\": {}}", lines[3]);
            assertEnds(jkvm);
        } finally {
            jkvm.destroyForcibly().waitFor();
        }
    }

    /** A port without an address is this host's alone. */
    @Test
    void shouldServeSocatOverAPortOfThisHost() throws Exception {
        assumeTrue(InstalledTools.has("socat"), "socat is not installed");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Process jkvm = jkvm("-qmp-pretty", "tcp::" + port + ",server=on,wait=on").inheritIO().start();
        try {
            Process socat = new ProcessBuilder("socat", "-t", "0.5", "-", "TCP:127.0.0.1:" + port
                    + ",retry=300,interval=0.1").start();
            socat.getOutputStream().write((NEGOTIATE + "{\"execute\": \"query-name\"}{\"execute\": \"quit\"}")
                    .getBytes(StandardCharsets.US_ASCII));
            socat.getOutputStream().flush();
            String text = new String(socat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertTrue(text.startsWith("{\r\n    \"QMP\": {\r\n"), text);
            assertTrue(text.contains("\"reason\": \"host-qmp-quit\""), text);
            assertEnds(jkvm);
        } finally {
            jkvm.destroyForcibly().waitFor();
        }
    }
}
