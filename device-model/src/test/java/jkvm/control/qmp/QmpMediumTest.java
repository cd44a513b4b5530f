package jkvm.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
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
import jkvm.json.Json;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineRun;
import jkvm.machine.config.DeviceTypes;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Media of CD-ROM drives by QMP and by the human monitor; the test locks and unlocks as a guest does. */
@OnEachKvm
@Timeout(60)
class QmpMediumTest {
    private static final int SECONDARY = 0x170;

    @TempDir
    private Path folder;
    private final Accelerator kvm;
    private final Workers workers = Workers.onThreads();
    private Chardevs chardevs;
    private MachineRun run;
    private QmpClient client;

    QmpMediumTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void start() throws Exception {
        CommandLine line = QemuOptions.parse(List.of("-m", "16", "-nodefaults", "-display", "none",
                "-device", "loader,addr=0x100000,cpu-num=0", "-cdrom", image("first", 1).toString(),
                "-drive", "if=none,format=raw,id=d0,file=" + image("disk", 1), "-device", "ide-hd,drive=d0,bus=ide.0",
                "-blockdev", "driver=raw,node-name=n0,file.driver=file,file.filename=" + image("node", 3)
                        + ",read-only=on", "-device", "ide-cd,id=second,bus=ide.1,unit=1",
                "-blockdev", "driver=raw,node-name=n1,file.driver=file,file.filename=" + image("managed", 4)
                        + ",read-only=on", "-device", "ide-cd,id=third,bus=ide.0,unit=1,drive=n1"),
                DeviceTypes.builtIn());
        Machine machine = new MachineBuilder(line.machine(), kvm.syscalls(), _ -> new FakeChardev()).build();
        Path socket = folder.resolve("qmp");
        chardevs = new Chardevs(new FfmSyscalls(), System.out, System.err, () -> { }, Workers.onThreads());
        Chardev chardev = chardevs.openUnpaused(new ChardevSpec("qmp", new ChardevSpec.UnixServer(socket, false),
                false));
        var _ = new QmpService(machine, new QmpFacts(kvm.kind(), true, DeviceTypes.builtIn(), chardevs::facts,
                new VncServers()),
                new HumanMonitor(machine, MonitorHost.on(kvm.kind()))).serve(chardev, false, workers);
        run = new MachineRun(machine).start();
        client = QmpClient.negotiated(socket);
    }

    private Path image(String name, int blocks) throws Exception {
        return Files.write(folder.resolve(name), new byte[blocks * 2048]);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        run.close();
        workers.close();
        chardevs.close();
    }

    private void ask(String command, String arguments) throws Exception {
        assertEquals("{}", client.ask(command, arguments.replace('\'', '"')).line());
    }

    private String refusal(String command, String arguments) throws Exception {
        return client.refusal(command, arguments.replace('\'', '"'));
    }

    /** The drive, the path of the device and the state of the next tray that moves. */
    private String tray() throws Exception {
        Json data = client.event("DEVICE_TRAY_MOVED").values().get("data");
        return "%s %s %s".formatted(QmpClient.text(data, "device"), QmpClient.text(data, "id"),
                ((Json.Members) data).values().get("tray-open").line());
    }

    /** What query-block tells of a drive, without its image. */
    private String drive(int index) throws Exception {
        Json.Members drive = (Json.Members) ((Json.Items) client.ask("query-block")).values().get(index);
        Json inserted = drive.values().get("inserted");
        return "%s removable %s, locked %s, open %s, %s".formatted(QmpClient.text(drive, "device"),
                drive.values().get("removable").line(), drive.values().get("locked").line(),
                drive.values().containsKey("tray_open") ? drive.values().get("tray_open").line() : "-",
                inserted == null ? "empty" : Path.of(QmpClient.text(inserted, "file")).getFileName());
    }

    private String monitor(String line) throws Exception {
        return ((Json.Text) client.ask("human-monitor-command", "{\"command-line\": \"" + line + "\"}")).value();
    }

    private void out(int port, long value) {
        run.machine.ports().dispatchWrite(port, 1, value);
    }

    /** Sends PREVENT ALLOW MEDIUM REMOVAL to the first drive of the second cable. */
    private void lock(boolean isLocked) throws Exception {
        out(SECONDARY + 6, 0xA0);
        out(SECONDARY + 5, 8);
        out(SECONDARY + 7, 0xA0);
        byte[] packet = {0x1E, 0, 0, 0, (byte) (isLocked ? 1 : 0), 0, 0, 0, 0, 0, 0, 0};
        for (int i = 0; i < packet.length; i += 2) {
            run.machine.ports().dispatchWrite(SECONDARY, 2, packet[i]);
        }
        MachineRun.await("the drive to be ready", () -> run.machine.ports().dispatchRead(0x376, 1) == 0x50);
    }

    @Test
    void shouldChangeMediaInQemusSteps() throws Exception {
        assertEquals("ide1-cd0 removable true, locked false, open false, first", drive(0));
        assertEquals("d0 removable false, locked false, open -, disk", drive(1));
        assertEquals(" removable true, locked false, open false, empty", drive(3));

        ask("blockdev-open-tray", "{'id': 'second'}");
        assertEquals(" second true", tray());
        ask("blockdev-insert-medium", "{'id': 'second', 'node-name': 'n0'}");
        assertEquals("GenericError: Node 'n0' is already in use",
                refusal("blockdev-insert-medium", "{'id': 'second', 'node-name': 'n0'}"));
        ask("blockdev-close-tray", "{'id': 'second'}");
        assertEquals(" second false", tray());
        assertEquals("GenericError: Tray of device 'second' is not open",
                refusal("blockdev-remove-medium", "{'id': 'second'}"));

        ask("blockdev-change-medium", "{'device': 'ide1-cd0', 'filename': '%s', 'format': 'raw'}"
                .formatted(image("other", 2)));
        assertTrue(tray().matches("ide1-cd0 /machine/\\S+ true"));
        assertTrue(tray().matches("ide1-cd0 /machine/\\S+ false"));
        assertTrue(client.ask("query-block").line().contains("/other"));
        assertEquals("GenericError: Device 'd0' is not removable", refusal("eject", "{'device': 'd0'}"));
        assertEquals("DeviceNotFound: Device 'nix' not found", refusal("eject", "{'device': 'nix'}"));
        assertEquals("GenericError: Need exactly one of 'device' and 'id'", refusal("eject", "{}"));
    }

    /** As managers do, which name the device by its id: it has no drive but the node that is in it. */
    @Test
    void shouldChangeTheNodeInADriveThatBeganWithOne() throws Exception {
        assertEquals(" removable true, locked false, open false, managed", drive(2));
        assertTrue(client.ask("query-block").line().contains("\"qdev\": \"third\""));

        ask("blockdev-open-tray", "{'id': 'third', 'force': false}");
        assertEquals(" third true", tray());
        ask("blockdev-remove-medium", "{'id': 'third'}");
        ask("blockdev-insert-medium", "{'id': 'third', 'node-name': 'n0'}");
        ask("blockdev-close-tray", "{'id': 'third'}");
        assertEquals(" third false", tray());
        assertEquals(" removable true, locked false, open false, node", drive(2));
    }

    @Test
    void shouldAskTheGuestForALockedMedium() throws Exception {
        lock(true);
        String locked = "Device 'ide1-cd0' is locked and force was not specified, wait for tray to open and try again";
        assertEquals("GenericError: " + locked, refusal("eject", "{'device': 'ide1-cd0'}"));
        assertEquals("Error: " + locked + "\n", monitor("eject ide1-cd0").replace("\r", ""));
        assertTrue(monitor("info block").contains("Removable device: locked, tray closed"));
        lock(false);
        assertEquals("", monitor("eject ide1-cd0"));
        assertTrue(tray().endsWith("true"));
        assertTrue(monitor("info block").replace("\r", "").contains("ide1-cd0: [not inserted]\n"
                + "    Attached to:      ide1-cd0\n    Removable device: not locked, tray open\n"));
        assertEquals("", monitor("change ide1-cd0 " + image("third", 1)));
        assertTrue(monitor("info block").contains("third (raw, read-only)"));
        assertTrue(monitor("change ide1-cd0 /does/not/exist").startsWith("Error: "));
        assertTrue(monitor("info block").contains("third (raw, read-only)"), "the drive is as it was");
    }
}
