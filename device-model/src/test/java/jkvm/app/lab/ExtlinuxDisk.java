package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jkvm.media.MediaFolder;
import jkvm.media.SyslinuxMedia;

/**
 * A disk with Debian's extlinux on an ext4 partition. Extlinux installs itself into a mounted file system only, so a
 * Linux guest does that.
 *
 * <p>It also writes the test of the memory anew: mke2fs leaves blocks of zeros out of a file, and extlinux 6.04 ends in
 * an I/O error at such a hole, under every BIOS.
 */
final class ExtlinuxDisk {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String EXTLINUX = "/usr/bin/extlinux";
    private static final String INSTALLER = """
            set -e
            while ! mount -t ext4 /dev/sda1 /mnt; do sleep 0.2; done
            export LD_LIBRARY_PATH=/lib/x86_64-linux-gnu
            %s --install /mnt
            cat /mnt/memtest.bin > /mnt/whole
            mv /mnt/whole /mnt/memtest.bin
            umount /mnt
            echo INSTALLED
            poweroff -f
            """.formatted(EXTLINUX);

    private ExtlinuxDisk() {
    }

    static Path make(MediaFolder folder) throws Exception {
        Path disk = SyslinuxMedia.ext4Disk(folder);
        LabKernel kernel = LabKernel.cloud(System.err::println);
        LabRun.Result result = SoftRun.jkvm(List.of("-kernel", kernel.image().toString(), "-initrd",
                initramfs(folder, kernel).toString(), "-append", "console=ttyS0 quiet", "-m", "256", "-nographic",
                "-drive", "format=raw,file=" + disk), PATIENCE);
        assertEquals(0, result.exit(), result.out() + result.err());
        assertTrue(result.out().contains("INSTALLED"), result.out());
        return disk;
    }

    private static Path initramfs(MediaFolder folder, LabKernel kernel) throws IOException {
        return Files.write(folder.path("install.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("ata_piix", "sd_mod"), INSTALLER, GuestInitramfs.programs("extlinux", EXTLINUX)));
    }
}
