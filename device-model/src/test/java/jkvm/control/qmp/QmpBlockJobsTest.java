package jkvm.control.qmp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jkvm.app.options.CommandLine;
import jkvm.app.options.QemuOptions;
import jkvm.control.hmp.HumanMonitor;
import jkvm.control.hmp.MonitorHost;
import jkvm.control.vnc.VncServers;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.Chardevs;
import jkvm.host.chardev.FakeChardev;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.QemuImg;
import jkvm.json.Json;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
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

/** Disks of a running machine as management programs change them; the test writes as the devices do. */
@Timeout(60)
class QmpBlockJobsTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    private Path folder;
    private final Workers workers = Workers.onThreads();
    private Chardevs chardevs;
    private MachineRun run;
    private QmpClient client;
    private MonitorHost host;

    @BeforeEach
    void start() throws Exception {
        for (String name : List.of("vda", "hda", "sda")) {
            Files.write(folder.resolve(name), new byte[SIZE]);
        }
        Accelerator kvm = Accelerators.open("soft");
        CommandLine line = QemuOptions.parse(List.of("-m", "16", "-nodefaults", "-display", "none",
                "-device", "loader,addr=0x100000,cpu-num=0", "-blockdev", "driver=file,node-name=libvirt-1-storage,"
                        + "auto-read-only=on,discard=unmap,filename=" + folder.resolve("vda"),
                "-blockdev", "driver=raw,node-name=libvirt-1-format,read-only=off,file=libvirt-1-storage",
                "-device", "virtio-blk-pci,drive=libvirt-1-format,id=virtio-disk0",
                "-drive", "if=none,format=raw,id=ide0,file=" + folder.resolve("hda"),
                "-device", "ide-hd,drive=ide0,bus=ide.0", "-device", "virtio-scsi-pci",
                "-drive", "if=none,format=raw,id=scsi0,file=" + folder.resolve("sda"), "-device",
                "scsi-hd,drive=scsi0"), DeviceTypes.builtIn());
        Machine machine = new MachineBuilder(line.machine(), kvm.syscalls(), _ -> new FakeChardev()).build();
        machine.devices().readBy(line.reader());
        Path socket = folder.resolve("qmp");
        chardevs = new Chardevs(new FfmSyscalls(), System.out, System.err, () -> { }, Workers.onThreads());
        Chardev chardev = chardevs.openUnpaused(new ChardevSpec("qmp", new ChardevSpec.UnixServer(socket, false),
                false));
        host = MonitorHost.on(kvm.kind());
        var _ = new QmpService(machine, new QmpFacts(kvm.kind(), true, DeviceTypes.builtIn(), chardevs::facts,
                new VncServers()), new HumanMonitor(machine, host)).serve(chardev, false, workers);
        run = new MachineRun(machine).start();
        client = QmpClient.negotiated(socket);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        host.jobs().close();
        run.close();
        workers.close();
        chardevs.close();
    }

    private Json ask(String command, String arguments) throws Exception {
        return client.ask(command, arguments.replace('\'', '"').replace("DIR", folder.toString()));
    }

    private String refusal(String command, String arguments) throws Exception {
        return client.refusal(command, arguments.replace('\'', '"').replace("DIR", folder.toString()));
    }

    private BlockGraph graph() {
        return run.machine.devices().disks().graph();
    }

    /** Writes to a disk as its device does. */
    private void write(String node, int offset, byte[] data) throws Exception {
        graph().rootsOf(graph().find(node).orElseThrow()).getFirst().write(offset, MemorySegment.ofArray(data));
    }

    private static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Waits until a job is in a state; answers the states that it was told to have since. */
    private List<String> awaitState(String job, String state) throws Exception {
        List<String> states = new ArrayList<>();
        while (!states.contains(state)) {
            Json data = client.event("JOB_STATUS_CHANGE").values().get("data");
            if (QmpClient.text(data, "id").equals(job)) {
                states.add(QmpClient.text(data, "status"));
            }
        }
        return states;
    }

    /** Adds an overlay as libvirt does: a file, an image in it, two nodes. */
    private void addOverlay(int number, String below, String format) throws Exception {
        String storage = "libvirt-" + number + "-storage";
        Files.createFile(folder.resolve("snap" + number));
        ask("blockdev-add", "{'driver':'file','filename':'DIR/snap" + number + "','node-name':'" + storage
                + "','auto-read-only':true,'discard':'unmap'}");
        String job = "create-libvirt-" + number + "-format";
        ask("blockdev-create", "{'job-id':'" + job + "','options':{'driver':'qcow2','file':'" + storage + "','size':"
                + SIZE + ",'backing-file':'" + below + "','backing-fmt':'" + format + "'}}");
        assertEquals(List.of("created", "running", "waiting", "pending", "concluded"), awaitState(job, "concluded"));
        Json.Items jobs = (Json.Items) client.ask("query-jobs");
        assertEquals("create concluded", QmpClient.text(jobs.values().getFirst(), "type") + " "
                + QmpClient.text(jobs.values().getFirst(), "status"));
        ask("job-dismiss", "{'id':'" + job + "'}");
        ask("blockdev-add", "{'node-name':'libvirt-" + number + "-format','read-only':false,'driver':'qcow2','file':'"
                + storage + "','backing':null}");
    }

    @Test
    void shouldTakeAnExternalSnapshotAndCommitItAsLibvirtDoes() throws Exception {
        // given a disk with content, and an overlay over it
        byte[] first = bytes(SIZE, 1);
        write("libvirt-1-format", 0, first);
        addOverlay(2, folder.resolve("vda").toString(), "raw");
        ask("transaction", "{'actions':[{'type':'blockdev-snapshot','data':{'node':'libvirt-1-format',"
                + "'overlay':'libvirt-2-format'}}]}");
        write("libvirt-2-format", 4096, bytes(8192, 2));
        Json.Items nodes = (Json.Items) client.ask("query-named-block-nodes");
        assertEquals(List.of("libvirt-2-format", "libvirt-2-storage"), nodes.values().stream().limit(2)
                .map(node -> QmpClient.text(node, "node-name")).toList());
        Json image = ((Json.Members) nodes.values().getFirst()).values().get("image");
        assertEquals(folder.resolve("vda").toString(), QmpClient.text(image, "full-backing-filename"));
        assertEquals("raw", QmpClient.text(((Json.Members) image).values().get("backing-image"), "format"));
        assertEquals("GenericError: Node 'libvirt-1-format' is busy: node is used as backing hd of 'libvirt-2-format'",
                refusal("blockdev-del", "{'node-name':'libvirt-1-format'}"));
        assertEquals("GenericError: Node libvirt-2-format is in use",
                refusal("blockdev-del", "{'node-name':'libvirt-2-format'}"));

        // when the overlay is committed while the device writes
        ask("block-commit", "{'device':'libvirt-2-format','job-id':'commit-vda-libvirt-2-format','top-node':"
                + "'libvirt-2-format','base-node':'libvirt-1-format','auto-finalize':true,'auto-dismiss':false}");
        awaitState("commit-vda-libvirt-2-format", "ready");
        write("libvirt-2-format", 65536, bytes(4096, 3));
        assertTrue(client.ask("query-block-jobs").line().contains("\"ready\": true"));
        ask("job-complete", "{'id':'commit-vda-libvirt-2-format'}");
        assertEquals(List.of("waiting", "pending", "concluded"),
                awaitState("commit-vda-libvirt-2-format", "concluded"));
        ask("job-dismiss", "{'id':'commit-vda-libvirt-2-format'}");

        // then the disk has the image below again, with all that was written
        ask("blockdev-del", "{'node-name':'libvirt-2-format'}");
        ask("blockdev-del", "{'node-name':'libvirt-2-storage'}");
        write("libvirt-1-format", 0, bytes(512, 4));
        byte[] expected = first.clone();
        System.arraycopy(bytes(8192, 2), 0, expected, 4096, 8192);
        System.arraycopy(bytes(4096, 3), 0, expected, 65536, 4096);
        System.arraycopy(bytes(512, 4), 0, expected, 0, 512);
        assertArrayEquals(expected, Files.readAllBytes(folder.resolve("vda")));
    }

    @Test
    void shouldPutOverlaysOverAllDisksAtOnceOrNone() throws Exception {
        addOverlay(2, folder.resolve("vda").toString(), "raw");
        String actions = "{'actions':[{'type':'blockdev-snapshot','data':{'node':'libvirt-1-format','overlay':"
                + "'libvirt-2-format'}},{'type':'blockdev-snapshot-sync','data':{'device':'ide0','snapshot-file':"
                + "'DIR/ide.snap','snapshot-node-name':'ide-snap'}},{'type':'blockdev-snapshot-sync','data':{'device':"
                + "'scsi0','snapshot-file':'DIR/scsi.snap','format':'qcow2'}}%s]}";
        assertEquals("GenericError: Transaction aborted using Abort action",
                refusal("transaction", actions.formatted(",{'type':'abort','data':{}}")));
        assertTrue(Files.notExists(folder.resolve("ide.snap")));

        ask("transaction", actions.formatted(""));
        write("ide-snap", 512, bytes(1024, 5));
        write("libvirt-2-format", 512, bytes(1024, 6));
        assertArrayEquals(new byte[SIZE], Files.readAllBytes(folder.resolve("hda")));
        ask("block-commit", "{'device':'ide0'}");
        client.event("BLOCK_JOB_READY");
        ask("block-job-complete", "{'device':'ide0'}");
        Json end = client.event("BLOCK_JOB_COMPLETED").values().get("data");
        assertEquals("commit ide0", QmpClient.text(end, "type") + " " + QmpClient.text(end, "device"));
        awaitState("ide0", "null");
        byte[] ide = Files.readAllBytes(folder.resolve("hda"));
        assertArrayEquals(bytes(1024, 5), Arrays.copyOfRange(ide, 512, 1536));
        if (QemuImg.isPresent()) {
            String chain = QemuImg.img("info", "-U", "--backing-chain", folder.resolve("scsi.snap"));
            assertTrue(chain.contains("backing file: " + folder.resolve("sda")), chain);
        }
    }

    @Test
    void shouldRefuseAsQemuDoes() throws Exception {
        assertEquals("DeviceNotFound: Device 'nosuch' not found", refusal("block-commit", "{'device':'nosuch'}"));
        assertEquals("GenericError: Cannot find device='' nor node-name='nosuch'", refusal("blockdev-snapshot",
                "{'node':'nosuch','overlay':'libvirt-1-format'}"));
        assertEquals("DeviceNotActive: Block job 'x' not found", refusal("block-job-cancel", "{'device':'x'}"));
        assertEquals("GenericError: Job not found", refusal("job-complete", "{'id':'x'}"));
        assertEquals("GenericError: Parameter 'options.size' is missing", refusal("blockdev-create",
                "{'job-id':'c','options':{'driver':'qcow2','file':'libvirt-1-storage'}}"));
        assertEquals("GenericError: Parameter 'options.nosuch' is unexpected", refusal("blockdev-create",
                "{'job-id':'c','options':{'driver':'qcow2','file':'f','size':1,'nosuch':1}}"));
        assertEquals("GenericError: Parameter 'actions[0].data.node' is missing", refusal("transaction",
                "{'actions':[{'type':'blockdev-snapshot','data':{'overlay':'x'}}]}"));
    }
}
