package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import jkvm.control.guest.Guest;
import jkvm.device.e1000.E1000Type;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Repair;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.usernet.UserConfig;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.SnapshotScope;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Debian guest at work is saved into its disk and returns to that: timer, disk, serial port and ping go on. */
@BootsGuests
class SavedGuestTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** Writes numbered files whose content follows from their number, and checks all of them at the end. */
    private static final String SCRIPT = NetGuest.FUNCTIONS + """
            up
            mke2fs /dev/vda >/dev/null
            mount -t ext4 /dev/vda /mnt
            ping 10.0.2.2 >/tmp/ping &
            n=0
            while [ ! -e /tmp/stop ]; do
                n=$((n+1))
                seq $n $((n+2000)) >/mnt/$n
                sync
                echo "== $n end"
                usleep 20000
                if read -t 0 line; then touch /tmp/stop; fi
            done
            kill -INT %1
            wait
            umount /mnt
            mount -t ext4 -o ro /dev/vda /mnt
            good=0
            for i in $(seq $n); do seq $i $((i+2000)) | cmp - /mnt/$i && good=$((good+1)); done
            echo "== good $good of $n end"
            tail -3 /tmp/ping
            dmesg | grep -iE 'EXT4-fs error|I/O error|BUG:|Oops|Call Trace|soft lockup'
            echo == done
            poweroff -f
            """;

    @TempDir
    private Path folder;

    @Test
    void shouldReturnWithDiskTimerAndNetwork() throws Exception {
        LabKernel kernel = LabKernel.generic(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("virtio_pci", "virtio_blk", "ext4", "e1000"), SCRIPT));
        new DiskImages(new FfmSyscalls()).create(folder.resolve("disk"), ImageFormat.QCOW2,
                CreateValues.ofSize(64 << 20));
        DriveSpec drive = DriveSpec.ofPath("d", folder.resolve("disk"), ImageOptions.WRITABLE
                .withFormat(ImageFormat.QCOW2));
        MachineConfig config = MachineConfig.builder().memory(256 << 20).kernel(kernel.image())
                .initrds(List.of(initramfs.toString())).commandLine("console=ttyS0 quiet").console()
                .device(DeviceConfig.of(VirtioBlockType.NON_TRANSITIONAL).with(VirtioBlockType.DRIVE, drive))
                .device(DeviceConfig.of(E1000Type.TYPE).with(E1000Type.NETDEV, new NetdevSpec("n",
                        new NetdevSpec.User(UserConfig.defaults()), List.of()))).build();
        try (Guest guest = Guest.builder(config).accelerator(Accelerators.open("soft")).build()) {
            guest.start();
            guest.awaitOutput("== 10 end", PATIENCE);
            guest.machine().snapshots().save("a", SnapshotScope.ALL, false).join();
            guest.awaitOutput("== 25 end", PATIENCE);

            guest.machine().snapshots().load("a", SnapshotScope.ALL).join();

            guest.awaitOutput("== 20 end", PATIENCE);
            guest.awaitOutput("== 30 end", PATIENCE);
            guest.type("\n");
            String end = guest.awaitOutput("== done", PATIENCE);
            assertFalse(Pattern.compile("error|BUG:|Oops|Call Trace|lockup").matcher(end).find(), end);
            var good = Pattern.compile("== good (\\d+) of (\\d+) end").matcher(end);
            assertTrue(good.find(), end);
            assertEquals(good.group(2), good.group(1), end);
            assertTrue(Pattern.compile("[1-9]\\d* packets received, 0% packet loss").matcher(end).find(), end);
            assertEquals(0, guest.awaitEnd(PATIENCE).status(), guest.output());
        }
        assertTrue(new DiskImages(new FfmSyscalls()).check(folder.resolve("disk"), ImageOptions.READ_ONLY,
                Repair.NOTHING, line -> { }).orElseThrow().corruptions() == 0);
    }
}
