package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's generic kernel with its ahci, virtio_scsi and floppy, on the KVM in Java: one guest that reads a medium on
 * each, compares it, and writes.
 */
@BootsGuests
class DriversGuestTest {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int MIB = 1 << 20;
    private static final int FLOPPY_SIZE = 1440 << 10;
    /** Finds the disks by their vendors: the order of two controllers is not known. */
    private static final String SCRIPT = """
            i=0; while [ ! -e /dev/sdb -o ! -e /dev/sr0 ] && [ $i -lt 50 ]; do sleep 0.1; i=$((i+1)); done
            for each in sda sdb; do
                case $(cat /sys/block/$each/device/vendor) in
                    ATA*) ata=/dev/$each;;
                    *) scsi=/dev/$each;;
                esac
            done
            echo "ata $(md5sum <$ata)"
            echo "disc $(md5sum </dev/sr0)"
            echo "scsi $(md5sum <$scsi)"
            echo "floppy $(dd if=/dev/fd0 bs=18k count=8 2>/dev/null | md5sum)"
            echo "queue $(cat /sys/block/${ata#/dev/}/device/queue_depth)"
            dd if=/dev/sr0 of=$ata bs=1M count=1 seek=3 conv=fsync 2>/dev/null
            dd if=/dev/sr0 of=$scsi bs=1M count=1 seek=1 conv=fsync 2>/dev/null
            dd if=/dev/sr0 of=/dev/fd0 bs=18k count=2 seek=70 conv=fsync 2>/dev/null
            dmesg | grep -i -e ahci -e ata[1-9] -e scsi -e floppy -e error
            echo DONE
            poweroff -f
            """;

    @TempDir
    private Path folder;

    private byte[] medium(String name, int size) throws Exception {
        byte[] bytes = new byte[size];
        new Random(name.hashCode()).nextBytes(bytes);
        Files.write(folder.resolve(name), bytes);
        return bytes;
    }

    private static String sum(byte[] bytes, int length) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(Arrays.copyOf(bytes, length)));
    }

    private byte[] written(String name, int offset, int length) throws Exception {
        return Arrays.copyOfRange(Files.readAllBytes(folder.resolve(name)), offset, offset + length);
    }

    @Test
    void shouldReadAndWriteByLinuxsDriversOfAhciVirtioScsiAndFloppy() throws Exception {
        byte[] ata = medium("ata.raw", 8 * MIB);
        byte[] scsi = medium("scsi.raw", 4 * MIB);
        byte[] disc = medium("disc.iso", 2 * MIB);
        byte[] floppy = medium("floppy.img", FLOPPY_SIZE);
        LabKernel kernel = LabKernel.generic(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("ahci", "virtio_pci", "virtio_scsi", "sd_mod", "sr_mod", "floppy"), SCRIPT));

        LabRun.Result result = SoftRun.jkvm(List.of("-kernel", kernel.image().toString(), "-initrd",
                initramfs.toString(), "-append", "console=ttyS0 quiet", "-m", "256", "-nographic",
                "-device", "ahci,id=ahci0", "-drive", "if=none,id=ata,format=raw,file=" + folder.resolve("ata.raw"),
                "-device", "ide-hd,drive=ata,bus=ahci0.0",
                "-drive", "if=none,id=cd,format=raw,media=cdrom,file=" + folder.resolve("disc.iso"),
                "-device", "ide-cd,drive=cd,bus=ahci0.1",
                "-device", "virtio-scsi-pci", "-drive", "if=none,id=scsi,format=raw,file=" + folder.resolve("scsi.raw"),
                "-device", "scsi-hd,drive=scsi",
                "-drive", "if=floppy,format=raw,file=" + folder.resolve("floppy.img")), LIMIT);

        String out = result.out();
        assertAll(() -> assertEquals(0, result.exit(), out + result.err()),
                () -> assertTrue(out.contains("ata " + sum(ata, ata.length)), out),
                () -> assertTrue(out.contains("disc " + sum(disc, disc.length)), out),
                () -> assertTrue(out.contains("scsi " + sum(scsi, scsi.length)), out),
                () -> assertTrue(out.contains("floppy " + sum(floppy, 8 * (18 << 10))), out),
                () -> assertTrue(out.contains("SATA link up 1.5 Gbps (SStatus 113 SControl 300)"), out),
                () -> assertTrue(out.contains("LBA48 NCQ (depth 32)"), out),
                () -> assertTrue(out.contains("queue 32"), out),
                () -> assertTrue(out.contains("DONE"), out),
                () -> assertFalse(out.contains("exception Emask") || out.contains("I/O error"), out));
        assertArrayEquals(Arrays.copyOf(disc, MIB), written("ata.raw", 3 * MIB, MIB));
        assertArrayEquals(Arrays.copyOf(disc, MIB), written("scsi.raw", MIB, MIB));
        assertArrayEquals(Arrays.copyOf(disc, 36 << 10), written("floppy.img", 70 * (18 << 10), 36 << 10));
    }
}
