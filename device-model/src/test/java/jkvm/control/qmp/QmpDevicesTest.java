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

/** Devices and host sides by QMP, in a machine of a command line; the test ejects them as a guest does. */
@OnEachKvm
@Timeout(60)
class QmpDevicesTest {
    private static final int UP = 0xAE00, DOWN = 0xAE04, EJECT = 0xAE08;

    @TempDir
    private Path folder;
    private final Accelerator kvm;
    private final Workers workers = Workers.onThreads();
    private Chardevs chardevs;
    private MachineRun run;
    private QmpClient client;

    QmpDevicesTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void start() throws Exception {
        CommandLine line = QemuOptions.parse(List.of("-m", "16", "-nodefaults", "-display", "none",
                "-device", "loader,addr=0x100000,cpu-num=0", "-device", "virtio-rng-pci,id=rng0",
                "-drive", "if=none,format=raw,id=d0,file=" + image("d0"),
                "-blockdev", "driver=raw,node-name=n0,file.driver=file,file.filename=" + image("n0"),
                "-netdev", "user,id=u0", "-device", "e1000,netdev=u0,id=nic0"), DeviceTypes.builtIn());
        Machine machine = new MachineBuilder(line.machine(), kvm.syscalls(), _ -> new FakeChardev()).build();
        machine.devices().readBy(line.reader());
        Path socket = folder.resolve("qmp");
        chardevs = new Chardevs(new FfmSyscalls(), System.out, System.err, () -> { }, Workers.onThreads());
        Chardev chardev = chardevs.openUnpaused(new ChardevSpec("qmp", new ChardevSpec.UnixServer(socket, false),
                false));
        var _ = new QmpService(machine, new QmpFacts(kvm.kind(), true, DeviceTypes.builtIn(), chardevs::facts,
                new VncServers()),
                new HumanMonitor(machine, MonitorHost.on(kvm.kind())))
                .serve(chardev, false, workers);
        run = new MachineRun(machine).start();
        client = QmpClient.negotiated(socket);
    }

    private Path image(String name) throws Exception {
        return Files.write(folder.resolve(name), new byte[1 << 16]);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        run.close();
        workers.close();
        chardevs.close();
    }

    private void eject(String id) throws Exception {
        client.ask("device_del", "{'id': '%s'}".formatted(id).replace('\'', '"'));
        long slots = run.machine.ports().dispatchRead(DOWN, 4);
        run.machine.ports().dispatchWrite(EJECT, 4, slots);
        assertEquals("{\"device\": \"%s\", \"path\": \"/machine/peripheral/%s\"}".formatted(id, id),
                client.event("DEVICE_DELETED").values().get("data").line());
    }

    private void ask(String command, String arguments) throws Exception {
        assertEquals("{}", client.ask(command, arguments.replace('\'', '"')).line());
    }

    private String refusal(String command, String arguments) throws Exception {
        return client.refusal(command, arguments.replace('\'', '"'));
    }

    @Test
    void shouldAddAndRemoveDevicesWithHostSidesOfTheStartAndOfLater() throws Exception {
        ask("device_add", "{'driver': 'virtio-blk-pci', 'id': 'disk0', 'drive': 'd0', 'addr': '7', 'serial': 'a,b'}");
        assertEquals(1 << 7, run.machine.ports().dispatchRead(UP, 4));
        eject("disk0");
        ask("device_add", "{'driver': 'virtio-blk', 'id': 'disk0', 'drive': 'n0', 'num-queues': 2}");
        eject("disk0");
        ask("blockdev-del", "{'node-name': 'n0'}");
        ask("blockdev-add", "{'node-name': 'n1', 'driver': 'raw', 'file': {'driver': 'file', 'filename': '%s'}}"
                .formatted(folder.resolve("n0")));
        ask("device_add", "{'driver': 'virtio-blk-pci', 'id': 'disk0', 'drive': 'n1', 'write-cache': 'on'}");
        eject("disk0");
        eject("nic0");
        ask("device_add", "{'driver': 'virtio-net-pci', 'id': 'nic1', 'netdev': 'u0'}");
        ask("netdev_add", "{'type': 'user', 'id': 'u1', 'hostfwd': [{'str': 'tcp:127.0.0.1:0-:22'}]}");
        ask("device_add", "{'driver': 'e1000', 'id': 'nic2', 'netdev': 'u1', 'mac': '52:54:00:00:00:09'}");
        eject("nic1");
        ask("netdev_del", "{'id': 'u0'}");
    }

    @Test
    void shouldPullTheCableOfACardByEitherName() throws Exception {
        ask("device_add", "{'driver': 'virtio-net-pci', 'id': 'nic1'}");
        for (String name : List.of("nic0", "u0", "nic1")) {
            ask("set_link", "{'name': '%s', 'up': false}".formatted(name));
            ask("set_link", "{'name': '%s', 'up': true}".formatted(name));
        }
        eject("nic1");
        assertEquals("DeviceNotFound: Device 'nic1' not found", refusal("set_link", "{'name': 'nic1', 'up': true}"));
    }

    @Test
    void shouldTellTheGroupsOfOptions() throws Exception {
        assertTrue(client.ask("query-command-line-options").line().contains("\"option\": \"chardev\""));
        String memory = client.ask("query-command-line-options", "{\"option\": \"memory\"}").line();
        assertTrue(memory.contains("\"option\": \"memory\""), memory);
        assertTrue(memory.contains("\"parameters\": []"), memory);
        assertEquals("GenericError: invalid option name: nosuch",
                refusal("query-command-line-options", "{'option': 'nosuch'}"));
    }

    @Test
    void shouldRefuseInQemusWords() throws Exception {
        assertEquals("GenericError: Parameter 'driver' is missing", refusal("device_add", "{'id': 'b'}"));
        assertEquals("GenericError: Duplicate device ID 'rng0'",
                refusal("device_add", "{'driver': 'virtio-rng-pci', 'id': 'rng0'}"));
        assertEquals("GenericError: Property 'virtio-blk-device.drive' can't find value 'nix'",
                refusal("device_add", "{'driver': 'virtio-blk-pci', 'drive': 'nix'}"));
        assertEquals("GenericError: Property 'e1000.netdev' can't take value 'u0', it's in use",
                refusal("device_add", "{'driver': 'e1000', 'netdev': 'u0'}"));
        assertEquals("GenericError: Bus 'isa.0' does not support hotplugging",
                refusal("device_add", "{'driver': 'isa-debug-exit', 'id': 'e'}"));
        assertEquals("DeviceNotFound: Device 'nix' not found", refusal("device_del", "{'id': 'nix'}"));
        assertEquals("DeviceNotFound: Device 'nix' not found", refusal("netdev_del", "{'id': 'nix'}"));
        assertEquals("GenericError: Duplicate ID 'u0'", refusal("netdev_add", "{'type': 'user', 'id': 'u0'}"));
        assertEquals("GenericError: Failed to find node with node-name='nix'",
                refusal("blockdev-del", "{'node-name': 'nix'}"));
        assertEquals("GenericError: Duplicate nodes with node-name='n0'", refusal("blockdev-add",
                "{'node-name': 'n0', 'driver': 'file', 'filename': '%s'}".formatted(folder.resolve("n0"))));
        assertEquals("GenericError: disk image %s: no such file or directory".formatted(folder.resolve("nix")),
                refusal("blockdev-add", "{'node-name': 'n2', 'driver': 'file', 'filename': '%s'}"
                        .formatted(folder.resolve("nix"))));
    }

    @Test
    void shouldBearArgumentsOfAnyForm() throws Exception {
        for (String arguments : List.of("{'driver': ''}", "{'driver': 'virtio-rng-pci', 'period': [[[1]]]}",
                "{'driver': 'virtio-rng-pci', 'addr': '20'}", "{'driver': 'virtio-rng-pci', 'addr': '1.0'}",
                "{'driver': 'virtio-rng-pci', 'bus': 'pci.7'}", "{'driver': 'virtio-rng-pci', 'nix': {'a': 1}}",
                "{'driver': 'virtio-rng-pci,id=x', 'id': '1'}", "{'driver': 'virtio-rng-pci', '': 1}",
                "{'driver': 'loader', 'addr': 0}", "{'driver': 'virtconsole', 'chardev': 'c'}",
                "{'driver': 'virtio-rng-pci', 'id': 'a=b,c'}", "{'driver': 'virtio-net-pci', 'mac': 'hallo'}")) {
            assertEquals("GenericError", refusal("device_add", arguments).split(":")[0], arguments);
        }
        assertEquals("GenericError", refusal("netdev_add", "{'type': 'nix', 'id': 'u9'}").split(":")[0]);
        assertEquals("GenericError", refusal("blockdev-add", "{'driver': 'raw'}").split(":")[0]);
        assertEquals(0, run.machine.ports().dispatchRead(UP, 4));
        ask("device_add", "{'driver': 'virtio-rng-pci'}");
    }
}
