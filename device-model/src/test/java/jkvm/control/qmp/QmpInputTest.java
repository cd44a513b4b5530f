package jkvm.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import jkvm.control.hmp.HumanMonitor;
import jkvm.control.hmp.MonitorHost;
import jkvm.control.job.Jobs;
import jkvm.control.vnc.Keymap;
import jkvm.control.vnc.VncAddress;
import jkvm.control.vnc.VncConfig;
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
import jkvm.soft.Accelerators;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands for keys, pointers and the VNC servers, by a program and by a person. */
@Timeout(60)
class QmpInputTest {
    @TempDir
    private Path folder;
    private final Workers workers = Workers.onThreads();
    private final VncServers vnc = new VncServers();
    private final Accelerator kvm = Accelerators.open("soft");
    private HumanMonitor monitor;
    private Chardevs chardevs;
    private MachineRun run;
    private QmpClient client;

    @BeforeEach
    void start() throws Exception {
        Path image = Files.write(folder.resolve("guest.bin"), HexFormat.of().parseHex("ebfe"));
        Machine machine = new MachineBuilder(TestConfigs.machine(2)
                .loader(new BootConfig.Loader(Optional.of(image), OptionalLong.of(0x1000), OptionalInt.of(0), false))
                .build(), kvm.syscalls(), _ -> new FakeChardev()).build();
        vnc.open(new VncConfig("default", Optional.of(new VncAddress.Tcp("", 0, 0)), Optional.empty(), false, true,
                Optional.empty(), VncConfig.Share.IGNORE, 1, Keymap.named("en-us").orElseThrow(), "g"),
                machine.display(), machine.input());
        chardevs = new Chardevs(new FfmSyscalls(), System.out, System.err, () -> { }, workers);
        Path socket = folder.resolve("qmp");
        Chardev chardev = chardevs.openUnpaused(new ChardevSpec("qmp", new ChardevSpec.UnixServer(socket, false),
                false));
        MonitorHost host = new MonitorHost(kvm.kind(), Optional::empty, MonitorHost.on(kvm.kind()).debugger(), vnc,
                new Jobs(), Optional.empty());
        monitor = new HumanMonitor(machine, host);
        var _ = new QmpService(machine, new QmpFacts(kvm.kind(), true, DeviceTypes.builtIn(), chardevs::facts, vnc),
                new HumanMonitor(machine, host)).serve(chardev, false, workers);
        run = new MachineRun(machine).start();
        MachineRun.await("the guest to run", () -> machine.state() == MachineState.RUNNING);
        client = QmpClient.negotiated(socket);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        vnc.close();
        run.close();
        chardevs.close();
        workers.close();
    }

    private String port() {
        return vnc.all().getFirst().facts().places().getFirst().service();
    }

    @Test
    void shouldTellTheServers() throws Exception {
        Json first = client.ask("query-vnc");
        assertEquals("127.0.0.1 " + port() + " ipv4 vnc", String.join(" ", QmpClient.text(first, "host"),
                QmpClient.text(first, "service"), QmpClient.text(first, "family"), QmpClient.text(first, "auth")));
        Json all = ((Json.Items) client.ask("query-vnc-servers")).values().getFirst();
        assertEquals("default", QmpClient.text(all, "id"));
        assertEquals("default:\n  Server: 127.0.0.1:" + port() + " (ipv4)\n    Auth: vnc (Sub: none)\n",
                monitor.execute("info vnc"));
    }

    @Test
    void shouldChangeThePassword() throws Exception {
        assertEquals("{}", client.ask("set_password", "{\"protocol\": \"vnc\", \"password\": \"a\"}").line());
        assertEquals("{}", client.ask("change-vnc-password", "{\"password\": \"b\"}").line());
        for (String time : List.of("now", "never", "+10", "1700000000")) {
            assertEquals("{}", client.ask("expire_password", "{\"protocol\": \"vnc\", \"time\": \"" + time + "\"}")
                    .line());
        }
        assertTrue(client.refusal("expire_password", "{\"protocol\": \"vnc\", \"time\": \"soon\"}")
                .contains("Could not set password expire time"));
        assertTrue(client.refusal("set_password", "{\"protocol\": \"vnc\", \"password\": \"a\","
                + " \"connected\": \"fail\"}").contains("Invalid parameter 'connected'"));
        assertEquals("", monitor.execute("set_password vnc c"));
        assertEquals("", monitor.execute("expire_password vnc never"));
        assertEquals("Error: SPICE is not in use\n", monitor.execute("set_password spice c"));
        assertEquals("", monitor.execute("change vnc password d"));
        assertEquals("Error: Expected 'password' after 'vnc'\n", monitor.execute("change vnc :1 d"));
        assertEquals("DeviceNotActive: SPICE is not in use", client.refusal("set_password",
                "{\"protocol\": \"spice\", \"password\": \"a\"}"));
    }

    @Test
    void shouldSendEventsToTheGuestsDevices() throws Exception {
        assertEquals("{}", client.ask("input-send-event", "{\"events\": ["
                + "{\"type\": \"key\", \"data\": {\"down\": true, \"key\": {\"type\": \"qcode\", \"data\": \"a\"}}},"
                + "{\"type\": \"key\", \"data\": {\"down\": false, \"key\": {\"type\": \"number\", \"data\": 30}}},"
                + "{\"type\": \"rel\", \"data\": {\"axis\": \"x\", \"value\": -5}},"
                + "{\"type\": \"btn\", \"data\": {\"down\": true, \"button\": \"wheel-up\"}}]}").line());
        String noTablet = client.refusal("input-send-event",
                "{\"events\": [{\"type\": \"abs\", \"data\": {\"axis\": \"x\", \"value\": 5}}]}");
        assertTrue(noTablet.contains("Input handler not found for event type abs"));
        client.ask("stop", "{}");
        assertTrue(client.refusal("input-send-event", "{\"events\": []}").contains("VM not running"));
    }

    @Test
    void shouldTellAndChooseMice() throws Exception {
        Json mouse = ((Json.Items) client.ask("query-mice")).values().getFirst();
        assertEquals("QEMU PS/2 Mouse", QmpClient.text(mouse, "name"));
        assertEquals(2, QmpClient.number(mouse, "index"));
        assertEquals("* Mouse #2: QEMU PS/2 Mouse\n", monitor.execute("info mice"));
        assertEquals("", monitor.execute("mouse_set 2"));
        assertEquals("Mouse at index '7' not found\n", monitor.execute("mouse_set 7"));
        assertEquals("", monitor.execute("mouse_move 5 -5 1"));
        assertEquals("", monitor.execute("mouse_button 5"));
        assertEquals("invalid parameter: x\n", monitor.execute("mouse_move x 1"));
    }
}
