package jkvm.control.qmp;

import static jkvm.machine.MachineRun.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import jkvm.control.hmp.HumanMonitor;
import jkvm.control.hmp.MonitorHost;
import jkvm.control.vnc.VncServers;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.Chardevs;
import jkvm.host.chardev.FakeChardev;
import jkvm.json.Json;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineRun;
import jkvm.machine.MachineState;
import jkvm.machine.TestConfigs;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import jkvm.work.Threads;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The protocol over a unix socket, with a guest that writes to its serial port again and again. */
@OnEachKvm
@Timeout(60)
class QmpServerTest {
    /** Writes A to the serial port again and again. */
    private static final String CHATTER = "b041baf803eeebfd";

    @TempDir
    private Path folder;
    private final FakeChardev serial = new FakeChardev();
    private final Workers workers = Workers.onThreads();
    private final Workers machineWorkers = Workers.onThreads();
    private final Accelerator kvm;
    private Chardevs chardevs;
    private MachineRun run;
    private Path socket;

    QmpServerTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void start() throws Exception {
        Path image = Files.write(folder.resolve("guest.bin"), HexFormat.of().parseHex(CHATTER));
        Machine machine = new MachineBuilder(TestConfigs.machine(2).loader(new BootConfig.Loader(Optional.of(image),
                OptionalLong.of(0x1000), OptionalInt.of(0), false)).build(), kvm.syscalls(), _ -> serial).build();
        socket = folder.resolve("qmp");
        chardevs = new Chardevs(new FfmSyscalls(), System.out, System.err, () -> { }, machineWorkers);
        Chardev chardev = chardevs.openUnpaused(new ChardevSpec("qmp", new ChardevSpec.UnixServer(socket, false),
                false));
        var _ = new QmpService(machine, new QmpFacts(kvm.kind(), true, DeviceTypes.builtIn(), chardevs::facts,
                new VncServers()),
                new HumanMonitor(machine, MonitorHost.on(kvm.kind())))
                .serve(chardev, false, workers);
        run = new MachineRun(machine).start();
        await("the guest runs", () -> machine.state() == MachineState.RUNNING);
    }

    @AfterEach
    void close() {
        run.close();
        workers.close();
        chardevs.close();
        machineWorkers.close();
    }

    private void assertGuestRuns() throws InterruptedException {
        int before = serial.text().length();
        await("the guest writes", () -> serial.text().length() > before);
    }

    @Test
    void shouldGreetAndTakeNoCommandBeforeNegotiation() throws Exception {
        try (QmpClient client = QmpClient.connect(socket)) {
            assertEquals("{\"QMP\": {\"version\": {\"qemu\": {\"minor\": 2, \"micro\": 22, \"major\": 7}, "
                    + "\"package\": \"jkvm-0.1.0\"}, \"capabilities\": [\"oob\"]}}", client.line());
            assertEquals("CommandNotFound: Expecting capabilities negotiation with 'qmp_capabilities'",
                    client.refusal("stop", "{}"));
            assertEquals("GenericError: Parameter 'enable[0]' does not accept value 'x'",
                    client.refusal("qmp_capabilities", "{\"enable\": [\"x\"]}"));
            client.ask("qmp_capabilities");
            assertEquals("CommandNotFound: Capabilities negotiation is already complete, command ignored",
                    client.refusal("qmp_capabilities", "{}"));
            assertGuestRuns();
        }
    }

    @Test
    void shouldStopAndContinueTheGuestAndTellItBeforeTheAnswer() throws Exception {
        try (QmpClient client = QmpClient.negotiated(socket)) {
            long before = Instant.now().getEpochSecond();
            client.send("{\"execute\": \"stop\", \"id\": [1, {\"a\": null}]}");
            String event = client.line();
            assertTrue(event.matches("\\{\"timestamp\": \\{\"seconds\": [0-9]+, \"microseconds\": [0-9]+}, "
                    + "\"event\": \"STOP\"}"), event);
            long told = Long.parseLong(event.replaceAll(".*\"seconds\": ([0-9]+).*", "$1"));
            assertTrue(told >= before && told <= Instant.now().getEpochSecond(), event);
            assertEquals("{\"return\": {}, \"id\": [1, {\"a\": null}]}", client.line());
            assertEquals(MachineState.PAUSED, run.machine.state());
            assertEquals("paused", QmpClient.text(client.ask("query-status"), "status"));
            int written = serial.text().length();
            Thread.sleep(20);
            assertEquals(written, serial.text().length());
            client.ask("cont");
            assertEquals("RESUME", QmpClient.text(client.event(), "event"));
            assertEquals("running", QmpClient.text(client.ask("query-status"), "status"));
            assertGuestRuns();
        }
    }

    @Test
    void shouldResetAndPressThePowerButton() throws Exception {
        try (QmpClient client = QmpClient.negotiated(socket)) {
            client.ask("stop");
            client.ask("system_reset");
            client.event("STOP");
            Json.Members reset = client.event();
            assertEquals("RESET", QmpClient.text(reset, "event"));
            assertEquals("{\"guest\": false, \"reason\": \"host-qmp-system-reset\"}",
                    reset.values().get("data").inQemuOrder().line());
            assertEquals("prelaunch", QmpClient.text(client.ask("query-status"), "status"));
            client.ask("cont");
            client.ask("system_powerdown");
            client.event("RESUME");
            assertEquals("POWERDOWN", QmpClient.text(client.event(), "event"));
            assertGuestRuns();
        }
    }

    @Test
    void shouldEndTheMachineOnQuitTellItAndAnswer() throws Exception {
        try (QmpClient client = QmpClient.negotiated(socket)) {
            client.send("{\"execute\": \"quit\", \"id\": 9}");
            Json.Members end = client.event();
            assertEquals("SHUTDOWN", QmpClient.text(end, "event"));
            assertEquals("host-qmp-quit", QmpClient.text(end.values().get("data"), "reason"));
            assertEquals("{\"return\": {}, \"id\": 9}", client.line());
            assertEquals(0, run.exit().status());
        }
    }

    @Test
    void shouldRefuseWhatIsNoRequestAndGoOn() throws Exception {
        try (QmpClient client = QmpClient.negotiated(socket)) {
            for (String[] pair : new String[][] {
                {"[]", "QMP input must be a JSON object"},
                {"5 ", "QMP input must be a JSON object"},
                {"{}", "QMP input lacks member 'execute'"},
                {"{'execute': 5}", "QMP input member 'execute' must be a string"},
                {"{'execute': 'stop', 'arguments': []}", "QMP input member 'arguments' must be an object"},
                {"{'execute': 'stop', 'x': 1}", "QMP input member 'x' is unexpected"},
                {"{'exec-oob': 'stop'}", "QMP input member 'exec-oob' is unexpected"},
                {"{'execute': 'stop', 'arguments': {'a': 1}}", "Parameter 'a' is unexpected"},
                {"}", "JSON parse error, expecting value"},
                {"\1x\n", "JSON parse error, stray '\\x01'"},
                {"{\"a\n", "JSON parse error, stray '\\n'"}}) {
                client.send(pair[0]);
                Json.Members error = (Json.Members) client.answer().values().get("error");
                assertEquals(pair[1], QmpClient.text(error, "desc"));
            }
            client.send("nonsense\n");
            assertTrue(client.answer().values().containsKey("error"));
            assertEquals("CommandNotFound: The command nosuch has not been found", client.refusal("nosuch", "{}"));
            assertEquals("running", QmpClient.text(client.ask("query-status"), "status"));
        }
    }

    @Test
    void shouldBoundDepthAndLengthOfADocument() throws Exception {
        try (QmpClient client = QmpClient.negotiated(socket)) {
            client.send("[".repeat(1_000_000) + "\n");
            assertTrue(client.line().contains("JSON nesting depth limit exceeded"));
            client.send("{\"execute\": \"" + "x".repeat(1_000_000) + "\"}\n");
            assertTrue(client.line().contains("JSON token size limit exceeded"));
            byte[] bytes = new byte[10_000];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (i * i >> 3);
            }
            client.send(bytes);
            client.send((byte) '\n');
            client.send("{\"execute\": \"query-version\", \"id\": \"after\"}");
            String line;
            do {
                line = client.line();
            } while (!line.contains("after"));
            assertTrue(line.contains("jkvm-0.1.0"), line);
            assertGuestRuns();
        }
    }

    @Test
    void shouldServeOneClientAfterTheOtherAndForgetHalfACommand() throws Exception {
        try (QmpClient second = QmpClient.connect(socket)) {
            // Accepted first or not, this one is served alone until it goes.
            second.line();
            second.send("{\"execute\": \"qmp_capabilities\"}{\"execute\": \"st");
            assertEquals("{\"return\": {}}", second.line());
        }
        try (QmpClient third = QmpClient.connect(socket)) {
            assertTrue(third.line().startsWith("{\"QMP\""));
            assertEquals("CommandNotFound: Expecting capabilities negotiation with 'qmp_capabilities'",
                    third.refusal("query-status", "{}"));
        }
        assertEquals(MachineState.RUNNING, run.machine.state());
    }

    /** A reset waits until the machine has acted on it, which a listener holds up meanwhile. */
    @Test
    void shouldLetCommandsOutOfBandOvertakeOthers() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        run.machine.addListener(_ -> Threads.await(goOn));
        try (QmpClient client = QmpClient.connect(socket)) {
            client.line();
            client.ask("qmp_capabilities", "{\"enable\": [\"oob\"]}");
            client.send("{\"execute\": \"system_powerdown\", \"id\": 1.5}"
                    + "{\"exec-oob\": \"query-yank\", \"id\": 18446744073709551615}");
            Json.Members first = client.answer();
            assertEquals(new Json.Real("18446744073709551615"), first.values().get("id"));
            goOn.countDown();
            assertEquals(new Json.Real("1.5"), client.answer().values().get("id"));
            client.send("{\"exec-oob\": \"stop\"}");
            assertEquals("{\"error\": {\"class\": \"GenericError\", "
                    + "\"desc\": \"The command stop does not support OOB\"}}", client.line());
        } finally {
            goOn.countDown();
        }
    }

    @Test
    void shouldNotWaitForAClientThatDoesNotRead() throws Exception {
        try (QmpClient client = QmpClient.negotiated(socket)) {
            byte[] flood = "{\"execute\": \"query-commands\"}".repeat(1000).getBytes(StandardCharsets.US_ASCII);
            Thread sender = Thread.ofPlatform().daemon().start(() -> {
                try {
                    for (int i = 0; i < 1000; i++) {
                        client.send(flood);
                    }
                } catch (IOException _) {
                    // The client is closed below.
                }
            });
            Thread.sleep(200);
            assertTrue(sender.isAlive());
            for (int i = 0; i < 100; i++) {
                run.machine.pause().join();
                run.machine.resume().join();
            }
            assertGuestRuns();
        }
        try (QmpClient next = QmpClient.negotiated(socket)) {
            assertEquals("running", QmpClient.text(next.ask("query-status"), "status"));
        }
    }
}
