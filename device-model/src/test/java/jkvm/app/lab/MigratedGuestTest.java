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
import jkvm.control.migrate.Migration;
import jkvm.control.migrate.MigrationProgress;
import jkvm.control.migrate.MigrationStatus;
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
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Debian guest at work, which writes its RAM, goes to another machine: disk, timer, serial port and ping go on. */
@BootsGuests
class MigratedGuestTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int MEMORY = 256 << 20;
    /** Writes numbered files, rewrites 5 MiB of RAM each time, and checks all files at the end. */
    private static final String SCRIPT = NetGuest.FUNCTIONS + """
            up
            mke2fs /dev/vda >/dev/null
            mount -t ext4 /dev/vda /mnt
            mount -t tmpfs tmpfs /tmp
            seq 1 700000 >/tmp/ram
            ping -i 0.01 10.0.2.2 >/tmp/ping &
            n=0
            while [ ! -e /tmp/stop ]; do
                n=$((n+1))
                seq $n $((n+2000)) >/mnt/$n
                sync
                dd if=/tmp/ram of=/tmp/copy bs=1M conv=notrunc 2>/dev/null
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
            cmp /tmp/ram /tmp/copy && echo "== good $good of $n end"
            tail -3 /tmp/ping
            dmesg | grep -iE 'EXT4-fs error|I/O error|BUG:|Oops|Call Trace|soft lockup'
            echo == done
            poweroff -f
            """;

    @TempDir
    private Path folder;

    @Test
    void shouldGoOnInAnotherMachineWithDiskTimerAndNetwork() throws Exception {
        MachineConfig config = config();
        String uri = "unix:" + folder.resolve("migration");
        try (Guest source = Guest.builder(config).accelerator(Accelerators.open("soft")).build();
                Guest target = Guest.builder(config).accelerator(Accelerators.open("soft")).awaitsState().build();
                Migration sends = new Migration(source.machine());
                Migration receives = new Migration(target.machine())) {
            source.start();
            target.start();
            receives.expect();
            receives.listen(uri);
            source.awaitOutput("== 10 end", PATIENCE);

            sends.start(uri);

            MigrationProgress sent = sends.awaitEnd();
            System.out.println("MigratedGuestTest: " + sent);
            assertEquals(MigrationStatus.COMPLETED, sent.status(), sent.toString());
            target.awaitOutput("end", PATIENCE);
            target.type("\n");
            String end = target.awaitOutput("== done", PATIENCE);
            assertFalse(Pattern.compile("error|BUG:|Oops|Call Trace|lockup").matcher(end).find(), end);
            var good = Pattern.compile("== good (\\d+) of (\\d+) end").matcher(end);
            assertTrue(good.find(), end);
            assertEquals(good.group(2), good.group(1), end);
            assertTrue(Pattern.compile("[1-9]\\d* packets received, 0% packet loss").matcher(end).find(), end);
            assertEquals(0, target.awaitEnd(PATIENCE).status(), target.output());
        }
        assertEquals(0, new DiskImages(new FfmSyscalls()).check(folder.resolve("disk"), ImageOptions.READ_ONLY,
                Repair.NOTHING, _ -> { }).orElseThrow().corruptions());
    }

    private MachineConfig config() throws Exception {
        LabKernel kernel = LabKernel.generic(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("virtio_pci", "virtio_blk", "ext4", "e1000"), SCRIPT));
        new DiskImages(new FfmSyscalls()).create(folder.resolve("disk"), ImageFormat.QCOW2,
                CreateValues.ofSize(64 << 20));
        DriveSpec drive = DriveSpec.ofPath("d", folder.resolve("disk"), ImageOptions.WRITABLE
                .withFormat(ImageFormat.QCOW2));
        return MachineConfig.builder().memory(MEMORY).kernel(kernel.image())
                .initrds(List.of(initramfs.toString())).commandLine("console=ttyS0 quiet").console()
                .device(DeviceConfig.of(VirtioBlockType.NON_TRANSITIONAL).with(VirtioBlockType.DRIVE, drive))
                .device(DeviceConfig.of(E1000Type.TYPE).with(E1000Type.NETDEV, new NetdevSpec("n",
                        new NetdevSpec.User(UserConfig.defaults()), List.of()))).build();
    }
}
