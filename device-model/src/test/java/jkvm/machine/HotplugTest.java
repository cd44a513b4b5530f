package jkvm.machine;

import static jkvm.machine.MachineRun.await;
import static jkvm.machine.MachineRun.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import jkvm.device.board.PciPlace;
import jkvm.device.e1000.E1000Type;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.device.vga.VgaType;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.device.virtio.console.VirtioConsoleType;
import jkvm.device.virtio.net.VirtioNetType;
import jkvm.device.virtio.rng.VirtioRngType;
import jkvm.host.HostException;
import jkvm.host.chardev.FakeChardev;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.usernet.UserConfig;
import jkvm.linux.Syscalls;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.HotplugException;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineType;
import jkvm.machine.config.NamedSides;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Plugs devices into a machine that runs; the test makes the guest's accesses. */
@OnEachKvm
@Timeout(60)
class HotplugTest {
    private static final int UP = 0xAE00, DOWN = 0xAE04, EJECT = 0xAE08;
    private static final int SLOT = 4;
    private static final long BAR = 0xFE000000L, TABLE = 0xFE100000L, RING = 0x8000;
    private static final int ROUNDS = 20;

    @TempDir
    private Path folder;
    private final Syscalls kvm;
    private DriveSpec disk;
    private MachineRun run;

    HotplugTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void makeADisk() throws IOException {
        disk = TestConfigs.rawDrive("d0", Files.write(folder.resolve("d0.raw"), new byte[1 << 16]));
    }

    private MachineConfig.Builder config() {
        return MachineConfig.builder().memory(16 << 20)
                .loader(new BootConfig.Loader(Optional.empty(), OptionalLong.of(0x100000), OptionalInt.of(0), false));
    }

    private MachineRun start(MachineConfig.Builder config) {
        run = new MachineRun(new MachineBuilder(config.build(), kvm, _ -> new FakeChardev()).build()).start();
        return run;
    }

    private MachineDevices devices() {
        return run.machine.devices();
    }

    private static DeviceConfig disk(String id, DriveSpec drive) {
        return DeviceConfig.of(VirtioBlockType.PCI).withId(id).with(VirtioBlockType.DRIVE, drive)
                .with(PciPlace.ADDRESS, SLOT << 3);
    }

    private static DeviceConfig rng(String id) {
        return DeviceConfig.of(VirtioRngType.PCI).withId(id);
    }

    private static NetdevSpec user(String id) {
        return new NetdevSpec(id, new NetdevSpec.User(UserConfig.defaults()));
    }

    private long port(int port) {
        return run.machine.ports().dispatchRead(port, 4) & 0xFFFFFFFFL;
    }

    private void port(int port, long value) {
        run.machine.ports().dispatchWrite(port, 4, value);
    }

    private long config(int offset) {
        port(0xCF8, 0x80000000L | SLOT << 11 | offset);
        return port(0xCFC);
    }

    private void config(int offset, long value) {
        port(0xCF8, 0x80000000L | SLOT << 11 | offset);
        port(0xCFC, value);
    }

    private void register(long address, int size, long value) {
        run.machine.registers().dispatchWrite(address, size, value);
    }

    private String refusal(CompletableFuture<Void> command) {
        ExecutionException thrown = assertThrows(ExecutionException.class, () -> done(command));
        return assertInstanceOf(HotplugException.class, thrown.getCause()).getMessage();
    }

    /** Begins as a driver does: messages for the queue, one queue served, with a doorbell. */
    private void drive() {
        config(0x14, TABLE);
        config(0x20, BAR);
        config(0x24, 0);
        config(0x04, 0x406);
        register(TABLE, 8, 0xFEE00000L);
        register(TABLE + 8, 8, 0x41);
        config(0x98, config(0x98) | 0x80000000L);
        register(BAR + 0x08, 4, 1);
        register(BAR + 0x0C, 4, 1);
        register(BAR + 0x14, 1, 0xB);
        register(BAR + 0x1A, 2, 0);
        register(BAR + 0x18, 2, 8);
        register(BAR + 0x20, 8, RING);
        register(BAR + 0x28, 8, RING + 0x1000);
        register(BAR + 0x30, 8, RING + 0x2000);
        register(BAR + 0x1C, 2, 1);
        register(BAR + 0x14, 1, 0xF);
        assertEquals(0xF, run.machine.registers().dispatchRead(BAR + 0x14, 1), "the driver is accepted");
    }

    /** The files that this process has open, by where their links lead: event descriptors, and those of the folder. */
    private List<String> files() throws IOException {
        List<String> links = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    String link = Files.readSymbolicLink(descriptor).toString();
                    if (link.contains("eventfd") || link.startsWith(folder.toString())) {
                        links.add(link);
                    }
                } catch (IOException _) {
                    // The one that this has listed the folder with.
                }
            }
        }
        return links.stream().sorted().toList();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
                .filter(name -> name.contains("disk0")).toList();
    }

    private void eject(String id) throws Exception {
        int gone = run.events().size();
        done(devices().unplug(id));
        assertEquals(1 << SLOT, port(DOWN));
        port(EJECT, 1 << SLOT);
        await("the device goes", () -> run.events().size() > gone);
        assertEquals("DEVICE_DELETED " + id, run.events().getLast());
    }

    @Test
    void shouldLeaveNothingOfADeviceThatWasInUse() throws Exception {
        try (MachineRun _ = start(config().device(rng("rng0")).device(rng("rng1")))) {
            List<String> before = files();
            for (int round = 0; round < ROUNDS; round++) {
                done(devices().addDrive(disk));
                done(devices().plug(disk("disk0", disk)));
                assertEquals(1 << SLOT, port(UP));
                assertEquals(0x10011AF4, config(0));
                drive();
                await("the queue is served", () -> !threads().isEmpty());
                assertEquals("disk0", run.machine.registers().ownerOf(BAR));
                assertTrue(files().size() > before.size() + 1, files().toString());

                eject("disk0");
                assertEquals(0xFFFFFFFFL, config(0));
                assertEquals("", run.machine.registers().ownerOf(BAR));
                assertEquals("", run.machine.registers().ownerOf(TABLE));
                assertEquals(List.of(), threads());
                assertEquals(before, files());
                assertEquals(Optional.empty(), devices().drive("d0"), "a drive goes with its device");
            }
        }
    }

    @Test
    void shouldKeepANetworkAndANodeForTheNextDevice() throws Exception {
        NetdevSpec network = user("n0");
        try (MachineRun _ = start(config().sides(new NamedSides(List.of(), List.of(disk), List.of())))) {
            done(devices().addNetwork(network));
            for (int round = 0; round < 3; round++) {
                done(devices().plug(DeviceConfig.of(round % 2 == 0 ? E1000Type.TYPE : VirtioNetType.PCI).withId("nic")
                        .with(round % 2 == 0 ? E1000Type.NETDEV : VirtioNetType.NETDEV, network)
                        .with(PciPlace.ADDRESS, SLOT << 3)));
                assertEquals("Network 'n0' is in use by a device", refusal(devices().removeNetwork("n0")));
                eject("nic");
                done(devices().plug(disk("disk0", disk)));
                assertEquals("Node d0 is in use", refusal(devices().removeNode("d0")));
                eject("disk0");
            }
            done(devices().removeNetwork("n0"));
            done(devices().removeNode("d0"));
            assertEquals("Device 'n0' not found", refusal(devices().removeNetwork("n0")));
            assertEquals("Failed to find node with node-name='d0'", refusal(devices().removeNode("d0")));
        }
    }

    @Test
    void shouldRefuseInQemusWordsAndLeaveTheMachineAsItWas() throws Exception {
        NetdevSpec network = user("n0");
        try (MachineRun _ = start(config().device(rng("rng0")).device(TestConfigs.EXIT.withId("exit0"))
                .device(DeviceConfig.of(VgaType.TYPE).withId("screen0"))
                .sides(new NamedSides(List.of(disk), List.of(), List.of(network))))) {
            List<String> before = files();
            MachineDevices devices = devices();
            assertEquals("Duplicate device ID 'rng0'", refusal(devices.plug(rng("rng0"))));
            assertEquals("Bus 'isa.0' does not support hotplugging",
                    refusal(devices.plug(DeviceConfig.of(IsaDebugExitType.TYPE))));
            assertEquals("Device 'virtio-serial-pci' can not be hotplugged on this machine",
                    refusal(devices.plug(DeviceConfig.of(VirtioConsoleType.PCI))));
            assertEquals("No 'virtio-bus' bus found for device 'virtio-rng-device'",
                    refusal(devices.plug(DeviceConfig.of(VirtioRngType.MMIO))));
            assertEquals("PCI: slot 2 function 0 not available for virtio-rng-pci, in use by virtio-rng-pci,id=rng0",
                    refusal(devices.plug(rng("r").with(PciPlace.ADDRESS, 2 << 3))));
            assertEquals("PCI: slot 0 function 0 not available for virtio-rng-pci, in use by the chipset",
                    refusal(devices.plug(rng("r").with(PciPlace.ADDRESS, 0))));
            assertEquals("Parameter 'driver' expects a pluggable device type",
                    refusal(devices.plug(DeviceConfig.of(VgaType.TYPE))));
            assertEquals("Device 'VGA' does not support hotplugging", refusal(devices.unplug("screen0")));
            assertEquals("Device 'nix' not found", refusal(devices.unplug("nix")));
            assertEquals("Bus 'isa.0' does not support hotplugging", refusal(devices.unplug("exit0")));
            assertEquals("Duplicate ID 'n0'", refusal(devices.addNetwork(network)));
            assertEquals("Duplicate ID 'd0' for drive", refusal(devices.addDrive(disk)));
            DriveSpec absent = TestConfigs.rawDrive("d1", folder.resolve("absent"));
            assertInstanceOf(HostException.class, assertThrows(ExecutionException.class,
                    () -> done(devices.plug(disk("disk1", absent)))).getCause());
            assertEquals(before, files());
            assertEquals(0, port(UP));
            done(devices.plug(disk("disk0", disk)));
            assertEquals("Drive 'd0' is already in use by another device",
                    refusal(devices.plug(disk("disk1", disk))));
        }
    }

    @Test
    void shouldRefuseWhereNoGuestWouldHearOfIt() throws Exception {
        try (MachineRun _ = start(config().noAcpi().device(rng("rng0")))) {
            assertEquals("Bus 'pci.0' does not support hotplugging", refusal(devices().plug(rng("r"))));
            assertEquals("Bus 'pci.0' does not support hotplugging", refusal(devices().unplug("rng0")));
        }
        try (MachineRun _ = start(config().type(MachineType.MICROVM)
                .device(DeviceConfig.of(VirtioRngType.MMIO).withId("rng0")))) {
            assertEquals("No 'PCI' bus found for device 'virtio-rng-pci'", refusal(devices().plug(rng("r"))));
            assertEquals("Bus 'virtio-mmio-bus.0' does not support hotplugging", refusal(devices().unplug("rng0")));
        }
    }

    @Test
    void shouldFillTheBusAndRefuseOneMore() throws Exception {
        try (MachineRun _ = start(config())) {
            for (int i = 0; i < 30; i++) {
                done(devices().plug(rng("r" + i)));
            }
            assertEquals("PCI: no slot/function available for virtio-rng-pci, all in use or reserved",
                    refusal(devices().plug(rng("r"))));
            assertEquals(0xFFFFFFFCL, port(UP));
            port(EJECT, 1L << 31);
            await("the last device goes", () -> run.events().contains("DEVICE_DELETED r29"));
            done(devices().plug(rng("r")));
        }
    }

    @Test
    void shouldRemoveAtAResetWhatTheGuestWasAskedFor() throws Exception {
        try (MachineRun _ = start(config().device(rng("rng0")).device(rng("rng1")))) {
            done(devices().plug(disk("disk0", disk)));
            done(devices().unplug("disk0"));
            done(devices().unplug("rng1"));
            done(devices().unplug("rng1"));
            done(run.machine.reset());
            assertEquals(List.of("DEVICE_DELETED rng1", "DEVICE_DELETED disk0", "RESET host-qmp-system-reset"),
                    run.events());
            assertEquals(0, port(DOWN));
            done(devices().plug(disk("disk0", disk)));
        }
    }

    @Test
    void shouldPauseResetSaveAndLoadAMachineWithAPluggedDevice() throws Exception {
        try (MachineRun _ = start(config())) {
            done(run.machine.pause());
            done(devices().plug(disk("disk0", disk)));
            done(devices().unplug("disk0"));
            MachineSnapshot with = done(run.machine.save());
            done(run.machine.reset());
            assertEquals("DEVICE_DELETED disk0", run.events().get(1));
            assertThrows(ExecutionException.class, () -> done(run.machine.load(with)), "it has another device");
            done(devices().plug(disk("disk0", disk)));
            done(run.machine.load(with));
            assertEquals(1 << SLOT, port(DOWN));
            done(run.machine.resume());
            eject("disk0");
        }
    }
}
