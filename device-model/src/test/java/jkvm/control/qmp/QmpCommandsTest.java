package jkvm.control.qmp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Collectors;
import jkvm.control.hmp.HumanMonitor;
import jkvm.control.hmp.MonitorHost;
import jkvm.control.vnc.VncServers;
import jkvm.device.e1000.E1000Type;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.device.virtio.rng.VirtioRngType;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.Chardevs;
import jkvm.host.chardev.FakeChardev;
import jkvm.host.disk.DiskStatistics;
import jkvm.json.Json;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineRun;
import jkvm.machine.TestConfigs;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The answers of commands against what is known of the machine: one that stands before its first instruction. */
@OnEachKvm
@Timeout(60)
class QmpCommandsTest {
    private static final UUID UUID_OF_GUEST = UUID.fromString("12345678-1234-1234-1234-123456789abc");

    @TempDir
    private Path folder;
    private final Workers workers = Workers.onThreads();
    private final Workers machineWorkers = Workers.onThreads();
    private final Accelerator kvm;
    private Chardevs chardevs;
    private MachineRun run;
    private QmpClient client;

    QmpCommandsTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void start() throws Exception {
        Path image = Files.write(folder.resolve("guest.bin"), HexFormat.of().parseHex("ebfe"));
        Machine machine = new MachineBuilder(TestConfigs.machine(2).name("g1").uuid(UUID_OF_GUEST).cpus(2)
                .device(DeviceConfig.of(E1000Type.TYPE).withId("net0"))
                .device(DeviceConfig.of(VirtioRngType.PCI))
                .device(DeviceConfig.of(VirtioBlockType.PCI).withId("disk0").with(VirtioBlockType.DRIVE,
                        TestConfigs.rawDrive("d0", Files.write(folder.resolve("disk.img"), new byte[1 << 20]))))
                .loader(new BootConfig.Loader(Optional.of(image), OptionalLong.of(0x1000), OptionalInt.of(0), false))
                .build(), kvm.syscalls(), _ -> new FakeChardev()).build();
        machine.pause();
        chardevs = new Chardevs(new FfmSyscalls(), System.out, System.err, () -> { }, machineWorkers);
        Path socket = folder.resolve("qmp");
        Chardev chardev = chardevs.openUnpaused(new ChardevSpec("qmp", new ChardevSpec.UnixServer(socket, false),
                false));
        var _ = new QmpService(machine, new QmpFacts(kvm.kind(), true, DeviceTypes.builtIn(), chardevs::facts,
                new VncServers()),
                new HumanMonitor(machine, MonitorHost.on(kvm.kind())))
                .serve(chardev, false, workers);
        run = new MachineRun(machine).start();
        MachineRun.await("the vCPUs' threads run", () -> !machine.vcpuThreadIds().contains(0));
        client = QmpClient.negotiated(socket);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        run.close();
        workers.close();
        chardevs.close();
        machineWorkers.close();
    }

    private String ask(String command) throws Exception {
        return ask(command, "{}");
    }

    private String ask(String command, String arguments) throws Exception {
        return client.ask(command, arguments).line();
    }

    private static List<Json> items(Json array) {
        return ((Json.Items) array).values();
    }

    @Test
    void shouldTellTheMachine() throws Exception {
        assertEquals("{\"running\": false, \"singlestep\": false, \"status\": \"prelaunch\"}",
                sorted(client.ask("query-status")));
        assertEquals("{\"name\": \"g1\"}", ask("query-name"));
        assertEquals("{\"UUID\": \"" + UUID_OF_GUEST + "\"}", ask("query-uuid"));
        assertEquals("{\"arch\": \"x86_64\"}", ask("query-target"));
        assertEquals("{\"enabled\": " + (kvm.kind() == Accelerator.Kind.KVM) + ", \"present\": true}",
                sorted(client.ask("query-kvm")));
        assertEquals(2 << 20, QmpClient.number(client.ask("query-memory-size-summary"), "base-memory"));
        assertEquals("[]", ask("query-iothreads").replaceAll("\\s", ""));
        List<Json> cpus = items(client.ask("query-cpus-fast"));
        assertEquals(2, cpus.size());
        for (int i = 0; i < 2; i++) {
            assertEquals(i, QmpClient.number(cpus.get(i), "cpu-index"));
            long thread = QmpClient.number(cpus.get(i), "thread-id");
            assertEquals("vcpu" + i, Files.readString(Path.of("/proc/self/task/" + thread + "/comm")).strip());
        }
        assertTrue(ask("query-hotpluggable-cpus").contains("host-x86_64-cpu"));
        assertTrue(ask("query-machines").contains("\"pc\""));
        assertTrue(ask("query-cpu-definitions").contains("Haswell-v4-x86_64-cpu"));
        assertTrue(ask("human-monitor-command", "{\"command-line\": \"info status\"}")
                .contains("VM status: paused (prelaunch)\\r\\n"));
        assertEquals("GenericError: Parameter 'cpu-index' expects a CPU number", client.refusal(
                "human-monitor-command", "{\"command-line\": \"info status\", \"cpu-index\": 2}"));
    }

    @Test
    void shouldTellTheFeaturesOfCpuModels() throws Exception {
        String full = ask("query-cpu-model-expansion",
                "{\"type\": \"full\", \"model\": {\"name\": \"qemu64\", \"props\": {\"sse2\": false}}}");
        assertTrue(full.startsWith("{\"model\": {\"name\": \"qemu64\""), full);
        assertTrue(full.contains("\"sse2\": false"), full);
        assertTrue(full.contains("\"sse\": true"), full);
        assertTrue(full.contains("\"avx\": false"), full);
        assertTrue(full.contains("\"family\": 15"), full);
        String base = ask("query-cpu-model-expansion", "{\"type\": \"static\", \"model\": {\"name\": \"max\"}}");
        assertTrue(base.startsWith("{\"model\": {\"name\": \"base\""), base);
        assertTrue(base.contains("\"sse2\": true"), base);
        assertTrue(ask("query-cpu-model-expansion", "{\"type\": \"full\", \"model\": {\"name\": \"base\", "
                + "\"props\": {\"lm\": true}}}").contains("\"sse2\": false"));
        assertEquals("GenericError: CPU model 'nosuch' not found", client.refusal("query-cpu-model-expansion",
                "{\"type\": \"full\", \"model\": {\"name\": \"nosuch\"}}"));
        assertEquals("GenericError: Property 'qemu64-x86_64-cpu.nosuch' not found", client.refusal(
                "query-cpu-model-expansion",
                "{\"type\": \"full\", \"model\": {\"name\": \"qemu64\", \"props\": {\"nosuch\": false}}}"));
        assertTrue(ask("query-cpu-definitions").contains("\"unavailable-features\": ["));
    }

    /** With its members in the order of their names. */
    private static String sorted(Json object) {
        Map<String, Json> members = ((Json.Members) object).values();
        return new Json.Members(members.entrySet().stream().sorted(Map.Entry.comparingByKey())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, _) -> a,
                        LinkedHashMap::new))).line();
    }

    @Test
    void shouldSaveTheGuestsMemory() throws Exception {
        Path file = folder.resolve("memory");
        String target = "\"filename\": \"" + file + "\"}";
        client.ask("pmemsave", "{\"val\": 4096, \"size\": 2, " + target);
        assertArrayEquals(new byte[] {(byte) 0xEB, (byte) 0xFE}, Files.readAllBytes(file));
        client.ask("memsave", "{\"val\": 4097, \"size\": 70000, \"cpu-index\": 1, " + target);
        assertEquals(70000, Files.size(file));
        assertEquals((byte) 0xFE, Files.readAllBytes(file)[0]);
        assertEquals("GenericError: Invalid addr 0x000000007fff0000/size 16 specified",
                client.refusal("memsave", "{\"val\": 2147418112, \"size\": 16, " + target));
        assertEquals("GenericError: Invalid addr 0x0000000000000000/size -1 specified",
                client.refusal("memsave", "{\"val\": 0, \"size\": -1, " + target));
        assertEquals("GenericError: Could not open '/nosuch/x': no such file or directory",
                client.refusal("pmemsave", "{\"val\": 0, \"size\": 1, \"filename\": \"/nosuch/x\"}"));
        assertEquals("GenericError: Invalid parameter type for 'val', expected: integer",
                client.refusal("memsave", "{\"val\": \"a\"}"));
    }

    /** The keyboard's controller has the scan code of an A for the guest: pressed, and later let go. */
    @Test
    void shouldPressKeys() throws Exception {
        client.ask("send-key", "{\"keys\": [{\"type\": \"qcode\", \"data\": \"a\"}], \"hold-time\": 0}");
        client.ask("cont");
        MachineRun.await("the key comes", () -> run.machine.ports().dispatchRead(0x60, 1) == 0x1E);
        client.ask("send-key", "{\"keys\": [{\"type\": \"number\", \"data\": 31}], \"hold-time\": 0}");
        MachineRun.await("the key comes by its number", () -> run.machine.ports().dispatchRead(0x60, 1) == 0x1F);
        assertEquals("{}", client.ask("send-key", "{\"keys\": [{\"type\": \"number\", \"data\": 70000}]}").line());
        assertEquals("GenericError: Parameter 'data' does not accept value 'nosuch'",
                client.refusal("send-key", "{\"keys\": [{\"type\": \"qcode\", \"data\": \"nosuch\"}]}"));
    }

    @Test
    void shouldTellDisksAndTheirCounters() throws Exception {
        Json disk = items(client.ask("query-block")).getFirst();
        assertEquals("d0", QmpClient.text(disk, "device"));
        assertEquals("/machine/peripheral/disk0/virtio-backend", QmpClient.text(disk, "qdev"));
        Json inserted = ((Json.Members) disk).values().get("inserted");
        assertEquals("raw", QmpClient.text(inserted, "drv"));
        assertEquals(folder.resolve("disk.img").toString(), QmpClient.text(inserted, "file"));
        assertEquals(1 << 20, QmpClient.number(((Json.Members) inserted).values().get("image"), "virtual-size"));
        DiskStatistics statistics = run.machine.facts().disks().getFirst().statistics();
        statistics.done(DiskStatistics.Kind.READ, 4096, 1000);
        statistics.done(DiskStatistics.Kind.READ, 512, 500);
        statistics.done(DiskStatistics.Kind.WRITE, 1024, 10);
        statistics.wroteUpTo(9216);
        statistics.failed(DiskStatistics.Kind.FLUSH);
        statistics.refused(DiskStatistics.Kind.UNMAP);
        for (String arguments : new String[] {"{}", "{\"query-nodes\": true}"}) {
            Json counters = items(client.ask("query-blockstats", arguments)).stream()
                    .filter(one -> QmpClient.text(one, "node-name").equals("#block000")).findFirst().orElseThrow();
            Json counts = ((Json.Members) counters).values().get("stats");
            assertEquals(2, QmpClient.number(counts, "rd_operations"));
            assertEquals(4608, QmpClient.number(counts, "rd_bytes"));
            assertEquals(1500, QmpClient.number(counts, "rd_total_time_ns"));
            assertEquals(1, QmpClient.number(counts, "wr_operations"));
            assertEquals(9216, QmpClient.number(counts, "wr_highest_offset"));
            assertEquals(1, QmpClient.number(counts, "failed_flush_operations"));
            assertEquals(1, QmpClient.number(counts, "invalid_unmap_operations"));
            assertEquals(0, QmpClient.number(counts, "flush_operations"));
        }
        assertEquals("#block000", QmpClient.text(items(client.ask("query-named-block-nodes")).getFirst(), "node-name"));
    }

    @Test
    void shouldTellThePciFunctions() throws Exception {
        Json bus = items(client.ask("query-pci")).getFirst();
        List<Json> functions = items(((Json.Members) bus).values().get("devices"));
        Json card = functions.stream().filter(function -> QmpClient.text(function, "qdev_id").equals("net0"))
                .findFirst().orElseThrow();
        Json id = ((Json.Members) card).values().get("id");
        assertEquals(0x8086, QmpClient.number(id, "vendor"));
        assertEquals(0x100E, QmpClient.number(id, "device"));
        assertEquals("Ethernet controller",
                QmpClient.text(((Json.Members) card).values().get("class_info"), "desc"));
        assertEquals(1, QmpClient.number(card, "irq_pin"));
        Json registers = items(((Json.Members) card).values().get("regions")).getFirst();
        assertEquals(0x20000, QmpClient.number(registers, "size"));
        assertEquals("memory", QmpClient.text(registers, "type"));
    }

    @Test
    void shouldTellObjectsAndTheirTypes() throws Exception {
        assertTrue(ask("qom-list", "{\"path\": \"/machine/peripheral\"}").contains("child<e1000>"));
        assertTrue(ask("qom-list", "{\"path\": \"/machine/peripheral-anon\"}").contains("child<virtio-rng-pci>"));
        assertEquals("\"52:54:00:12:34:56\"",
                ask("qom-get", "{\"path\": \"/machine/peripheral/net0\", \"property\": \"mac\"}"));
        long slot = ((Json.Whole) client.ask("qom-get", "{\"path\": \"net0\", \"property\": \"addr\"}")).value() >> 3;
        assertEquals(run.machine.facts().devices().stream().filter(device -> device.name().equals("net0"))
                .findFirst().orElseThrow().pci().orElseThrow().slot(), slot);
        assertEquals("\"host-x86_64-cpu\"",
                ask("qom-get", "{\"path\": \"/machine/unattached/device[0]\", \"property\": \"type\"}"));
        assertEquals("true",
                ask("qom-get", "{\"path\": \"/machine/unattached/device[1]\", \"property\": \"migratable\"}"));
        assertEquals("DeviceNotFound: Device '/nosuch' not found",
                client.refusal("qom-list", "{\"path\": \"/nosuch\"}"));
        assertEquals("GenericError: Property 'e1000.x' not found",
                client.refusal("qom-get", "{\"path\": \"net0\", \"property\": \"x\"}"));
        assertTrue(ask("qom-list-types").contains("isa-serial"));
        assertTrue(!ask("qom-list-types", "{\"implements\": \"pci-device\"}").contains("isa-serial"));
        assertTrue(ask("device-list-properties", "{\"typename\": \"e1000\"}").contains("\"mac\""));
        assertEquals("GenericError: Parameter 'typename' expects a non-abstract device type",
                client.refusal("device-list-properties", "{\"typename\": \"device\"}"));
        assertEquals("DeviceNotFound: Device 'x' not found",
                client.refusal("device-list-properties", "{\"typename\": \"x\"}"));
        assertEquals("DeviceNotFound: Class 'x' not found",
                client.refusal("qom-list-properties", "{\"typename\": \"x\"}"));
    }

    /** As a client follows it: every type that is named is described once, and every command is there. */
    @Test
    void shouldDescribeAllCommandsAndTypesInTheSchema() throws Exception {
        List<Json> entries = items(client.ask("query-qmp-schema"));
        Map<String, Json.Members> byName = entries.stream().map(Json.Members.class::cast)
                .collect(Collectors.toMap(entry -> QmpClient.text(entry, "name"), entry -> entry));
        assertEquals(entries.size(), byName.size());
        for (Json command : items(client.ask("query-commands"))) {
            assertEquals("command", QmpClient.text(byName.get(QmpClient.text(command, "name")), "meta-type"));
        }
        assertEquals("event", QmpClient.text(byName.get("SHUTDOWN"), "meta-type"));
        for (Json.Members entry : byName.values()) {
            for (String reference : List.of("arg-type", "ret-type", "element-type")) {
                if (entry.values().get(reference) instanceof Json.Text name) {
                    assertTrue(byName.containsKey(name.value()), entry.line());
                }
            }
            if (QmpClient.text(entry, "meta-type").equals("object")) {
                for (Json member : items(entry.values().get("members"))) {
                    assertTrue(byName.containsKey(QmpClient.text(member, "type")), entry.line());
                }
            }
        }
        // query-status answers StatusInfo: its status is one of the run states.
        Json.Members status = byName.get(QmpClient.text(byName.get("query-status"), "ret-type"));
        Json state = items(status.values().get("members")).stream()
                .filter(member -> QmpClient.text(member, "name").equals("status")).findFirst().orElseThrow();
        assertTrue(byName.get(QmpClient.text(state, "type")).line().contains("\"prelaunch\""));
    }
}
