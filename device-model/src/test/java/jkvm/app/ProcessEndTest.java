package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.control.report.ReportDocument;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** State of the host after a signal ended the process while the guest spins. */
@OnEachKvm
@Timeout(30)
class ProcessEndTest {
    /** Writes A to the first serial port and spins. */
    private static final String SPIN = "b0 41 ba f8 03 ee eb fe";

    @TempDir
    private Path folder;
    private Process process;

    private final Accelerator kvm;

    ProcessEndTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    private void start(String... options) throws IOException {
        Path image = Files.write(folder.resolve("guest"), HexFormat.of().parseHex(SPIN.replace(" ", "")));
        // A build that runs in the background may ignore signals, and its children inherit that.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal"));
        List<String> jkvm = JkvmProcess.command("-accel", kvm.kind().text(), "-m", "2", "-display", "none", "-device",
                "loader,addr=0x1000,cpu-num=0,file=" + image);
        jkvm.add(1, "-Djkvm.halt=true");   // as the launcher has it: the main thread ends the process too
        command.addAll(jkvm);
        command.addAll(List.of(options));
        process = new ProcessBuilder(command).start();
    }

    private void signal(String name) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor());
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
    }

    private String errors() throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void shouldEndWithZeroAsQemuAndLeaveNoFileBehind(String signal) throws Exception {
        Path pidFile = folder.resolve("pid");
        Path socket = folder.resolve("socket");
        start("-pidfile", pidFile.toString(), "-serial", "stdio", "-serial", "unix:" + socket + ",server=on,wait=off");
        assertEquals('A', process.getInputStream().read());
        assertTrue(Files.exists(pidFile) && Files.exists(socket));

        signal(signal);

        assertEquals(0, process.exitValue());
        assertEquals("jkvm: terminated by a signal\n", errors());
        assertFalse(Files.exists(pidFile));
        assertFalse(Files.exists(socket));
    }

    @Test
    void shouldLeaveAWholeCaptureAndReportAndFreeItsPorts() throws Exception {
        Path capture = folder.resolve("capture.pcap");
        Path report = folder.resolve("report.html");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        start("-serial", "stdio", "-nic", "user,id=net0,hostfwd=tcp:127.0.0.1:" + port + "-:80", "-object",
                "filter-dump,id=f,netdev=net0,file=" + capture, "-trace", "report=" + report);
        assertEquals('A', process.getInputStream().read());

        signal("TERM");

        assertEquals(0, process.exitValue());
        assertEquals(24, Files.size(capture), "a header: this guest sends nothing");
        new ServerSocket(port).close();
        assertEquals("jkvm: terminated by a signal\n", errors());
        assertTrue(ReportDocument.read(report).fact("Ended").startsWith("host-signal, exit code 0"));
    }

    @Test
    void shouldRemoveItsSocketWhenItEndsBeforeTheFirstClientCame() throws Exception {
        Path socket = folder.resolve("socket");
        start("-serial", "unix:" + socket + ",server=on");
        while (!Files.exists(socket)) {
            assertTrue(process.isAlive(), errorsIfEnded());
            Thread.sleep(10);
        }
        signal("TERM");
        assertFalse(Files.exists(socket));
    }

    private String errorsIfEnded() throws IOException {
        return process.isAlive() ? "" : errors();
    }
}
