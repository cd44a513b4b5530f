package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import jkvm.device.e1000.E1000Type;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.device.virtio.net.VirtioNetType;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.usernet.UserConfig;
import jkvm.machine.CountedRun;
import jkvm.machine.TestConfigs;
import jkvm.machine.config.CountingConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Debian's cloud kernel under {@code -icount}: two boots agree in each byte of memory, in the count of instructions and
 * in what they print, with a disk and a network, on a busy host too.
 */
@BootsGuests
class CountedLinuxTest {
    private static final Duration BOOT = Duration.ofMinutes(2);
    private static final Duration COMMAND = Duration.ofSeconds(30);
    private static final boolean IS_LONG = Boolean.getBoolean("jkvm.long");
    private static final int DISK_MEBIBYTES = IS_LONG ? 64 : 2;
    private static final int FILE_SIZE = IS_LONG ? 4 << 20 : 100_000;
    /** Reads and writes the disk, gets a lease, pings the gateway and fetches a file from it. */
    private static final String TOUR = NetGuest.FUNCTIONS + """
            md5sum /dev/vda
            dd if=/dev/zero of=/dev/vda bs=64k seek=3 count=20 2>/dev/null
            sync
            echo 3 >/proc/sys/vm/drop_caches
            md5sum /dev/vda
            up
            tftp -g -r file -l /tmp/file 10.0.2.2 && md5sum /tmp/file
            date
            head -c 16 /dev/urandom | md5sum
            poweroff -f
            """;

    @TempDir
    private Path folder;

    private MachineConfig guest(LabKernel kernel, String card, CountingConfig counting) throws Exception {
        byte[] file = new byte[FILE_SIZE];
        new Random(1).nextBytes(file);
        Files.write(Files.createDirectories(folder.resolve("tftp")).resolve("file"), file);
        byte[] disk = new byte[DISK_MEBIBYTES << 20];
        new Random(2).nextBytes(disk);
        Path image = Files.write(folder.resolve("disk.raw"), disk);
        List<String> modules = List.of("virtio_pci", "virtio_blk", card.equals("virtio") ? "virtio_net" : card);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"),
                GuestInitramfs.script(new KernelModules(kernel), modules, TOUR));
        NetdevSpec network = new NetdevSpec("net0", new NetdevSpec.User(
                UserConfig.defaults().withBoot(folder.resolve("tftp"), "file")));
        return TestConfigs.machine(128).counting(counting)
                .accelerators(List.of(Accelerator.Kind.SOFT)).kernel(kernel.image())
                .initrds(List.of(initramfs.toString())).commandLine("console=ttyS0 quiet").noReboot()
                .device(card.equals("virtio")
                        ? DeviceConfig.of(VirtioNetType.PCI).with(VirtioNetType.NETDEV, network)
                        : DeviceConfig.of(E1000Type.TYPE).with(E1000Type.NETDEV, network))
                .device(DeviceConfig.of(VirtioBlockType.PCI).with(VirtioBlockType.DRIVE, DriveSpec.ofPath("disk", image,
                        ImageOptions.WRITABLE.withFormat(ImageFormat.RAW).withTemporary(true)))).build();
    }

    /** The models of network cards that are tried. */
    static List<String> cards() {
        return IS_LONG ? List.of("virtio", "e1000") : List.of("virtio");
    }

    @ParameterizedTest
    @MethodSource("cards")
    void shouldBootTwiceToTheSameMemoryCountAndOutputTheSecondTimeOnABusyHost(String card) throws Exception {
        MachineConfig guest = guest(LabKernel.cloud(System.err::println), card, new CountingConfig(0, false, false));

        CountedRun quiet = CountedRun.of(guest);
        CountedRun busy = CountedRun.onABusyHost(guest);

        assertTrue(quiet.serial().contains("LEASE 10.0.2.15 ROUTER 10.0.2.2"), quiet.serial());
        assertTrue(quiet.serial().contains("2 packets received"), quiet.serial());
        assertTrue(quiet.serial().contains("/tmp/file"), quiet.serial());
        assertTrue(quiet.serial().contains("UTC 2026"), quiet.serial());
        assertEquals(quiet, busy);
    }

    @Test
    void shouldRepeatARecordingWithoutTheOutside() throws Exception {
        assumeTrue(IS_LONG, "two more boots: -Djkvm.long=true runs them");
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path log = folder.resolve("log");

        CountedRun recorded = CountedRun.of(guest(kernel, "virtio",
                new CountingConfig(0, false, false, new CountingConfig.Recording(log))));
        MachineConfig replay = guest(kernel, "virtio",
                new CountingConfig(0, false, false, new CountingConfig.Replay(log)));
        Files.delete(folder.resolve("tftp/file"));
        CountedRun again = CountedRun.onABusyHost(replay);

        assertTrue(recorded.serial().contains("/tmp/file"), recorded.serial());
        assertTrue(Files.readString(log).contains(" net0.frame "));
        assertEquals(recorded, again);
    }

    @Test
    void shouldTakeWhatIsTypedAndSleepWhileItIsIdle() throws Exception {
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"),
                GuestInitramfs.shell(new KernelModules(kernel), List.of()));
        try (SoftTerminal terminal = new SoftTerminal(List.of("-icount", "shift=1", "-kernel",
                kernel.image().toString(), "-initrd", initramfs.toString(), "-append", "console=ttyS0 quiet", "-m",
                "128", "-nographic"))) {
            terminal.expect(GuestInitramfs.PROMPT, BOOT);
            terminal.send("echo $((6 * 7)) sleeps; sleep 1; echo it is $(date +%Y)\r");
            terminal.expect("42 sleeps", COMMAND);
            terminal.expect("it is 2026", COMMAND);
            terminal.send("poweroff -f\r");
            assertEquals(0, terminal.exitStatus(COMMAND));
        }
    }
}
