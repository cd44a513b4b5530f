package jkvm.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import jkvm.app.options.CommandLine;
import jkvm.app.options.QemuOptions;
import jkvm.control.hmp.HumanMonitor;
import jkvm.control.hmp.MonitorHost;
import jkvm.control.vnc.VncServers;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.Chardevs;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineExit;
import jkvm.machine.MachineRun;
import jkvm.machine.config.DeviceTypes;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a manager asks of {@code -machine none} to know what there is: the answers are QEMU 7.2's. */
@Timeout(60)
class QmpEmptyMachineTest {
    @TempDir
    private Path folder;
    private final Accelerator soft = Accelerators.open("soft");
    private final Workers workers = Workers.onThreads();
    private Chardevs chardevs;
    private MachineRun run;
    private QmpClient client;

    @BeforeEach
    void start() throws Exception {
        CommandLine line = QemuOptions.parse(List.of("-S", "-no-user-config", "-nodefaults", "-nographic", "-machine",
                "none,accel=tcg"), DeviceTypes.builtIn());
        Machine machine = new MachineBuilder(line.machine(), soft.syscalls(), _ -> new FakeChardev()).build();
        machine.devices().readBy(line.reader());
        chardevs = new Chardevs(new FfmSyscalls(), System.out, System.err, () -> { }, workers);
        Path socket = folder.resolve("qmp");
        Chardev chardev = chardevs.openUnpaused(new ChardevSpec("qmp", new ChardevSpec.UnixServer(socket, false),
                false));
        var _ = new QmpService(machine, new QmpFacts(soft.kind(), true, DeviceTypes.builtIn(), chardevs::facts,
                new VncServers()), new HumanMonitor(machine, MonitorHost.on(soft.kind())))
                .serve(chardev, false, workers);
        var _ = machine.pause();
        run = new MachineRun(machine).start();
        client = QmpClient.negotiated(socket);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        run.close();
        chardevs.close();
        workers.close();
    }

    private String monitor(String command) throws Exception {
        return client.ask("human-monitor-command", "{\"command-line\": \"%s\"}".formatted(command)).line();
    }

    @Test
    void shouldHaveNoCpuNoMemoryAndNoBus() throws Exception {
        assertEquals("[]", client.ask("query-cpus-fast").line());
        assertEquals("{\"base-memory\": 0, \"plugged-memory\": 0}", client.ask("query-memory-size-summary").line());
        assertEquals("[]", client.ask("query-pci").line());
        assertEquals("[]", client.ask("query-block").line());
        assertEquals("GenericError: No 'PCI' bus found for device 'e1000'",
                client.refusal("device_add", "{\"driver\": \"e1000\"}"));
        assertEquals("GenericError: this feature or command is not currently supported",
                client.refusal("inject-nmi", "{}"));
        assertEquals("\"No CPU available\\r\\n\"", monitor("info registers"));
        assertEquals("\"No CPU available\\r\\n\"", monitor("info lapic"));
        assertEquals("\"Can not dump without CPU\\r\\n\"", monitor("x/4xw 0"));
        assertEquals("\"\"", monitor("info cpus"));
    }

    @Test
    void shouldLiveAsEveryMachine() throws Exception {
        client.ask("cont");
        client.event("RESUME");
        client.ask("system_reset");
        client.event("RESET");
        client.ask("stop");
        client.event("STOP");
        client.ask("quit");

        MachineExit exit = run.exit();

        assertEquals(0, exit.status());
    }

    @Test
    void shouldTellTheMachinesThatAManagerMayAskFor() throws Exception {
        String machines = client.ask("query-machines").line().replace('"', '\'');

        assertTrue(machines.contains("'name': 'pc-i440fx-7.2', 'numa-mem-supported': false, 'is-default': true,"
                + " 'cpu-max': 255, 'deprecated': false, 'default-ram-id': 'pc.ram', 'alias': 'pc'"), machines);
        assertTrue(machines.contains("'name': 'none', 'numa-mem-supported': false, 'cpu-max': 1"), machines);
        assertTrue(machines.contains("'pc-i440fx-1.4'"), machines);
    }

    @Test
    void shouldTellThePropertiesOfObjectsAndMachines() throws Exception {
        String file = client.ask("qom-list-properties", "{\"typename\": \"memory-backend-file\"}").line();
        String machine = client.ask("qom-list-properties", "{\"typename\": \"none-machine\"}").line();
        String backends = client.ask("qom-list-types", "{\"implements\": \"memory-backend\"}").line();

        assertTrue(file.contains("{\"name\": \"mem-path\", \"type\": \"string\"}"), file);
        assertTrue(machine.contains("{\"name\": \"memory-backend\", \"type\": \"link<memory-backend>\"}"), machine);
        assertTrue(backends.contains("memory-backend-memfd"), backends);
    }
}
