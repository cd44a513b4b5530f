package jkvm.control.hmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.UUID;
import jkvm.device.e1000.E1000Type;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.usernet.UserConfig;
import jkvm.machine.MachineRun;
import jkvm.machine.TestConfigs;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The monitor shows a machine with a disk and a card as QEMU 7.2 shows its own. */
@OnEachKvm
@Timeout(60)
class MachineViewsTest {
    private static final String UUID_TEXT = "12345678-1234-1234-1234-123456789abc";

    @TempDir
    private Path folder;
    private final Accelerator kvm;
    private HumanMonitor monitor;

    MachineViewsTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    private static void assertContains(String text, String part) {
        assertTrue(text.contains(part), () -> "no \"" + part + "\" in\n" + text);
    }

    @Test
    void shouldShowWhatTheGuestFindsAndWhatTheHostHas() throws Exception {
        Path image = folder.resolve("d.img");
        new DiskImages(kvm.syscalls()).create(image, ImageFormat.QCOW2, CreateValues.ofSize(1 << 20));
        MachineConfig.Builder config = TestConfigs.machine(2).name("guest one").uuid(UUID.fromString(UUID_TEXT))
                .device(DeviceConfig.of(VirtioBlockType.PCI).withId("disk")
                        .with(VirtioBlockType.DRIVE, DriveSpec.ofPath("d0", image, ImageOptions.WRITABLE)))
                .device(DeviceConfig.of(E1000Type.TYPE).with(E1000Type.MAC, MachineConfig.FIRST_MAC)
                        .with(E1000Type.NETDEV, new NetdevSpec("n0", new NetdevSpec.User(UserConfig.defaults()))));
        try (RealModeGuest guest = new RealModeGuest(kvm, folder, config)) {
            monitor = new HumanMonitor(guest.machine, MonitorHost.on(kvm.kind()));
            checkPci();
            checkTrees();
            checkHost(image);
            checkHotplug();
            checkInterrupts(guest);
        }
    }

    private void checkPci() {
        String pci = monitor.execute("info pci");
        assertTrue(pci.startsWith("  Bus  0, device   0, function 0:\n    Host bridge: PCI device 8086:1237\n"
                + "      PCI subsystem 1af4:1100\n      id \"\"\n"), pci);
        assertContains(pci, """
                Bus  0, device   2, function 0:
                    SCSI controller: PCI device 1af4:1001
                      PCI subsystem 1af4:0002
                      IRQ 10, pin A
                      BAR0: I/O at 0xc000 [0xc07f].
                      BAR1: 32 bit memory at 0xfebe0000 [0xfebe0fff].
                      BAR4: 64 bit prefetchable memory at 0xfebfc000 [0xfebfffff].
                      id "disk"
                """);
        assertContains(pci, "      BAR6: 32 bit memory at 0xffffffffffffffff [0x0003fffe].\n");
        assertContains(pci,
                "    Ethernet controller: PCI device 8086:100e\n      PCI subsystem 1af4:1100\n      IRQ 11");
    }

    private void checkTrees() {
        String memory = monitor.execute("info mtree");
        assertContains(memory, "address-space: memory\n  0000000000000000-ffffffffffffffff (prio 0, i/o): system\n"
                + "    0000000000000000-00000000001fffff (prio 0, ram): pc.ram\n");
        assertContains(memory, "    00000000fec00000-00000000fec00fff (prio 0, i/o): ioapic\n");
        assertContains(memory, "    0000000000000070-0000000000000071 (prio 0, i/o): rtc\n");
        assertContains(monitor.execute("info mtree -f"), "FlatView #0\n AS \"memory\", root: system\n");
        String tree = monitor.execute("info qtree");
        assertContains(tree, "      dev: virtio-blk-pci, id \"disk\"\n");
        assertContains(tree, "        drive = \"d0\"\n");
        assertContains(tree, "        class SCSI controller, addr 00:02.0, pci id 1af4:1001 (sub 1af4:0002)\n");
        assertContains(tree, "        mac = \"52:54:00:12:34:56\"\n");
        assertContains(tree, "      dev: isa-debug-exit, id \"\"\n        iobase = 244 (0xf4)\n");
    }

    private void checkHost(Path image) {
        assertEquals("guest one\n", monitor.execute("info name"));
        assertEquals(UUID_TEXT + "\n", monitor.execute("info uuid"));
        assertEquals("d0: " + image + " (qcow2)\n    Attached to:      disk\n    Cache mode:       writeback\n",
                monitor.execute("info block"));
        assertContains(monitor.execute("info network"), ": index=0,type=nic,model=e1000,macaddr=52:54:00:12:34:56\n"
                + " \\ n0: index=0,type=user,net=10.0.2.0,restrict=off\n");
        assertEquals("serial0: filename=stdio\n", monitor.execute("info chardev"));
        assertEquals("", monitor.execute("info roms"));
    }

    private void checkHotplug() {
        assertEquals("Error: this machine's devices are made by its program\n", monitor.execute("device_add e1000"));
        assertEquals("Error: Device 'foo' not found\n", monitor.execute("device_del foo"));
        assertEquals("device_del: string expected\nTry \"help device_del\" for more information\n",
                monitor.execute("device_del"));
    }

    private void checkInterrupts(RealModeGuest guest) throws InterruptedException {
        guest.finish();
        assertEquals("invalid parameter: foo\n", monitor.execute("sendkey a-foo"));
        assertEquals("", monitor.execute("sendkey a"));
        assertEquals("", monitor.execute("cont"));
        MachineRun.await("the key", () -> monitor.execute("i/b 0x64").equals("portb[0x0064] = 0x1d\n"));
        assertEquals("portb[0x0060] = 0x1e\n", monitor.execute("i/b 0x60"));
        // The handler of vector 2: a jump to itself.
        guest.machine.memory().write(8, new byte[] {0x00, 0x05, 0, 0});
        guest.machine.memory().write(0x500, new byte[] {(byte) 0xEB, (byte) 0xFE});
        assertEquals("", monitor.execute("nmi"));
        MachineRun.await("the handler of the NMI", () -> monitor.execute("p/x $eip").equals("0x500\n"));
    }
}
