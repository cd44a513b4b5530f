package jkvm.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Repair;
import jkvm.host.image.DiskImages;
import jkvm.host.image.QemuImg;
import jkvm.json.Json;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineRun;
import jkvm.machine.MachineState;
import jkvm.machine.config.DeviceTypes;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A machine that is saved into its disks, by QMP and by the human monitor: messages, tables, events. */
@OnEachKvm
@Timeout(60)
class QmpSnapshotTest {
    private static final long MARK = 0x300000;
    private static final String NODES = "'devices': ['n0', 'n1']";

    @TempDir
    private Path folder;
    private final Accelerator kvm;
    private final Workers workers = Workers.onThreads();
    private final DiskImages images = new DiskImages(new FfmSyscalls());
    private Chardevs chardevs;
    private MonitorHost host;
    private MachineRun run;
    private QmpClient client;

    QmpSnapshotTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void makeDisks() {
        for (String name : List.of("a", "b")) {
            images.create(folder.resolve(name), ImageFormat.QCOW2, CreateValues.ofSize(1 << 20));
        }
        images.create(folder.resolve("raw"), ImageFormat.RAW, CreateValues.ofSize(1 << 20));
    }

    /** A machine whose guest does nothing, with disks as the command line tells. */
    private void start(String more) throws Exception {
        List<String> words = new ArrayList<>(List.of("-m", "4", "-nodefaults", "-display", "none", "-device",
                "loader,addr=0x100000,cpu-num=0"));
        words.addAll(List.of(more.replace("@", folder + "/").split(" +")));
        CommandLine line = QemuOptions.parse(words, DeviceTypes.builtIn());
        Machine machine = new MachineBuilder(line.machine(), kvm.syscalls(), _ -> new FakeChardev()).build();
        Path socket = folder.resolve("qmp");
        chardevs = new Chardevs(new FfmSyscalls(), System.out, System.err, () -> { }, Workers.onThreads());
        Chardev chardev = chardevs.openUnpaused(new ChardevSpec("qmp", new ChardevSpec.UnixServer(socket, false),
                false));
        host = MonitorHost.on(kvm.kind());
        var _ = new QmpService(machine, new QmpFacts(kvm.kind(), true, DeviceTypes.builtIn(), chardevs::facts,
                new VncServers()), new HumanMonitor(machine, host)).serve(chardev, false, workers);
        run = new MachineRun(machine).start();
        client = QmpClient.negotiated(socket);
        MachineRun.await("the guest runs", () -> machine.state() == MachineState.RUNNING);
    }

    private void startWithTwoNodes() throws Exception {
        start("-blockdev driver=qcow2,node-name=n0,file.driver=file,file.filename=@a -device virtio-blk-pci,drive=n0"
                + " -blockdev driver=qcow2,node-name=n1,file.driver=file,file.filename=@b"
                + " -device virtio-blk-pci,drive=n1");
    }

    @AfterEach
    void close() throws Exception {
        if (client != null) {
            client.close();
            host.jobs().close();
            run.close();
            workers.close();
            chardevs.close();
        }
    }

    private String monitor(String line) throws Exception {
        return ((Json.Text) client.ask("human-monitor-command", "{\"command-line\": \"" + line + "\"}")).value()
                .replace("\r", "");
    }

    private String status() throws Exception {
        return QmpClient.text(client.ask("query-status"), "status");
    }

    private byte mark() {
        return run.machine.quiesced(() -> run.machine.memory().readByte(MARK)).join();
    }

    private void mark(int value) {
        run.machine.quiesced(() -> {
            run.machine.memory().writeByte(MARK, (byte) value);
            return null;
        }).join();
    }

    /** Runs a job to its end. @return its error, or nothing */
    private String job(String command, String arguments) throws Exception {
        client.ask(command, ("{'job-id': 'j', " + arguments + "}").replace('\'', '"'));
        StringBuilder states = new StringBuilder();
        while (!states.toString().endsWith("concluded ")) {
            Json.Members event = client.event();
            String name = QmpClient.text(event, "event");
            states.append(name.equals("JOB_STATUS_CHANGE") ? QmpClient.text(event.values().get("data"), "status")
                    : name).append(' ');
        }
        Json.Members facts = (Json.Members) ((Json.Items) client.ask("query-jobs")).values().getFirst();
        client.ask("job-dismiss", "{\"id\": \"j\"}");
        client.event("JOB_STATUS_CHANGE");
        String error = facts.values().containsKey("error") ? QmpClient.text(facts, "error") : "";
        String stops = command.equals("snapshot-delete") ? "" : "STOP RESUME ";
        assertEquals(error.isEmpty() ? "created running " + stops + "waiting pending concluded "
                : "created running aborting concluded ", states.toString());
        return error;
    }

    private void assertClean(String disk) {
        images.check(folder.resolve(disk), ImageOptions.READ_ONLY.withLocked(false), Repair.NOTHING, line -> {
            throw new AssertionError(line);
        });
    }

    @Test
    void shouldReturnToWhatTheMonitorSaved() throws Exception {
        start("-drive if=none,id=d0,file=@a,format=qcow2 -device virtio-blk-pci,drive=d0");
        assertEquals("There is no snapshot available.\n", monitor("info snapshots"));
        mark(1);
        assertEquals("", monitor("savevm one"));
        mark(2);

        assertEquals("", monitor("loadvm one"));

        assertEquals(1, mark());
        assertEquals("running", status());
        String table = monitor("info snapshots");
        assertTrue(table.startsWith("List of snapshots present on all disks:\n"
                + "ID        TAG               VM SIZE                DATE     VM CLOCK     ICOUNT\n"
                + "--        one        "), table);
        Json image = ((Json.Members) ((Json.Members) ((Json.Members) ((Json.Items) client.ask("query-block")).values()
                .getFirst()).values().get("inserted")).values().get("image")).values().get("snapshots");
        assertTrue(image.line().contains("\"name\": \"one\""), image.line());
        assertTrue(monitor("savevm").matches("saved as 'vm-[0-9]{14}'\n"));
        assertTrue(monitor("savevm one").startsWith("replaced the snapshot 'one' of "));
        assertEquals(2, ((Json.Items) image(client)).values().size());
        assertEquals("", monitor("delvm one"));
        assertEquals(1, ((Json.Items) image(client)).values().size());
        client.ask("stop");
        monitor("savevm paused");
        assertEquals("paused", status());
        mark(3);
        monitor("loadvm paused");
        assertEquals("paused", status());
        assertEquals(1, mark());
    }

    private static Json image(QmpClient client) throws Exception {
        Json.Members node = (Json.Members) ((Json.Items) client.ask("query-named-block-nodes")).values().getFirst();
        return ((Json.Members) node.values().get("image")).values().get("snapshots");
    }

    @Test
    void shouldSaveIntoATemporaryOverlayToo() throws Exception {
        start("-snapshot -drive if=none,id=d0,file=@raw,format=raw -device virtio-blk-pci,drive=d0");
        mark(1);
        assertEquals("", monitor("savevm one"));
        mark(2);

        assertEquals("", monitor("loadvm one"));

        assertEquals(1, mark());
    }

    @Test
    void shouldKeepTheMediumThatIsInNow() throws Exception {
        start("-drive if=none,id=d0,file=@a,format=qcow2 -device virtio-blk-pci,drive=d0"
                + " -drive if=none,id=c0,media=cdrom,format=raw,file=@raw -device ide-cd,drive=c0,id=cd");
        monitor("savevm one");
        Path other = Files.copy(folder.resolve("raw"), folder.resolve("other"));
        monitor("change cd " + other + " raw");

        assertEquals("", monitor("loadvm one"));

        assertEquals("running", status());
        assertTrue(client.ask("query-block").line().contains(other.toString()));
    }

    @Test
    void shouldLetTheGuestGoOnWhereNothingIsLoaded() throws Exception {
        start("-drive if=none,id=d0,file=@a,format=qcow2 -device virtio-blk-pci,drive=d0");

        assertEquals("Error: Snapshot 'none' does not exist in one or more devices\n", monitor("loadvm none"));
        assertEquals("running", status());
        assertEquals("Error: Snapshot 'none' does not exist\n", monitor("delvm none"));
        assertEquals("loadvm: string expected\nTry \"help loadvm\" for more information\n", monitor("loadvm"));
        assertEquals("savevm tag -- save a VM snapshot. If no tag is provided, a new snapshot is created\n",
                monitor("help savevm"));
        assertEquals("Error: a snapshot's name has 1 to 255 characters that can be printed\n",
                monitor("savevm \\\"\\\""));
        assertEquals("running", status());
    }

    @Test
    void shouldRefuseDisksThatKeepNoSnapshots() throws Exception {
        start("-drive if=none,id=d0,file=@a,format=qcow2 -device virtio-blk-pci,drive=d0"
                + " -drive if=none,id=r0,file=@raw,format=raw -device virtio-blk-pci,drive=r0");
        String refusal = "Error: Device 'r0' is writable but does not support snapshots\n";

        assertEquals(List.of(refusal, refusal, refusal),
                List.of(monitor("savevm a"), monitor("loadvm a"), monitor("delvm a")));
        assertEquals("There is no snapshot available.\n", monitor("info snapshots"));
    }

    @Test
    void shouldSaveOnlyIntoDisksThatTheGuestCanWrite() throws Exception {
        start("-drive if=none,id=d0,file=@a,format=qcow2,readonly=on -device virtio-blk-pci,drive=d0");

        assertEquals("Error: no block device can store vmstate for snapshot\n", monitor("savevm a"));
        assertEquals("no block device can store vmstate for snapshot\n", monitor("info snapshots"));
    }

    @Test
    void shouldSaveAndLoadByJobs() throws Exception {
        startWithTwoNodes();
        mark(1);
        assertEquals("", job("snapshot-save", "'tag': 'x', 'vmstate': 'n1', " + NODES));
        mark(2);
        assertEquals("Snapshot 'x' already exists in one or more devices",
                job("snapshot-save", "'tag': 'x', 'vmstate': 'n1', " + NODES));
        assertEquals("vmstate block device 'n0' does not exist",
                job("snapshot-save", "'tag': 'y', 'vmstate': 'n0', 'devices': ['n1']"));
        assertEquals("No block device node 'n7'",
                job("snapshot-save", "'tag': 'y', 'vmstate': 'n0', 'devices': ['n0', 'n7']"));
        assertEquals("At least one device is required for snapshot",
                job("snapshot-save", "'tag': 'y', 'vmstate': 'n0', 'devices': []"));
        assertEquals("This is a disk-only snapshot. Revert to it offline using qemu-img",
                job("snapshot-load", "'tag': 'x', 'vmstate': 'n0', " + NODES));
        assertEquals("Snapshot 'zz' does not exist in one or more devices",
                job("snapshot-load", "'tag': 'zz', 'vmstate': 'n0', " + NODES));
        assertEquals(2, mark());

        assertEquals("", job("snapshot-load", "'tag': 'x', 'vmstate': 'n1', " + NODES));

        assertEquals(1, mark());
        assertEquals("running", status());
        assertEquals("", monitor("loadvm x"), "the disk that has the state is found");
        client.event("RESUME");
        assertEquals("", job("snapshot-delete", "'tag': 'x', 'devices': ['n0']"));
        assertTrue(monitor("info snapshots").startsWith("List of snapshots present on all disks:\nNone\n\n"
                + "List of partial (non-loadable) snapshots on 'n1':\nID  "));
        assertEquals("", job("snapshot-delete", "'tag': 'x', " + NODES));
        assertEquals("Snapshot 'x' does not exist", job("snapshot-delete", "'tag': 'x', " + NODES));
        assertClean("a");
        assertClean("b");
    }

    @Test
    void shouldReadWhatQemuImgMakesOfItAndTheOtherWayRound() throws Exception {
        QemuImg.assumePresent();
        QemuImg.img("snapshot", "-c", "disk", folder.resolve("a"));
        start("-drive if=none,id=d0,file=@a,format=qcow2 -device virtio-blk-pci,drive=d0");
        assertTrue(monitor("info snapshots").contains("--        disk                  0 B"));
        assertEquals("Error: This is a disk-only snapshot. Revert to it offline using qemu-img\n",
                monitor("loadvm disk"));
        assertEquals("", monitor("savevm vm"));
        run.quit();

        String list = QemuImg.img("snapshot", "-l", "-U", folder.resolve("a"));

        assertTrue(list.contains("disk") && list.matches("(?s).*2 +vm +[0-9.]+ [KM]iB.*"), list);
        run.machine.close();
        QemuImg.img("check", folder.resolve("a"));
        QemuImg.img("snapshot", "-a", "vm", folder.resolve("a"));
        QemuImg.img("snapshot", "-d", "vm", folder.resolve("a"));
        QemuImg.img("snapshot", "-d", "disk", folder.resolve("a"));
        QemuImg.img("check", folder.resolve("a"));
    }
}
