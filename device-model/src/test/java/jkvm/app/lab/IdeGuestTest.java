package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertAll;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's cloud kernel with its ata_piix on the IDE controller, on the KVM in Java, started without firmware. */
@BootsGuests
class IdeGuestTest {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int DISK_SIZE = 16 << 20;
    private static final int DISC_SIZE = 4 << 20;
    private static final int PIECE = 1 << 20;
    /** Compares both, writes a part of the disk anew past the page cache, and lets go of it. */
    private static final String SCRIPT = """
            i=0; while [ ! -e /dev/sda -o ! -e /dev/sr0 ] && [ $i -lt 50 ]; do sleep 0.1; i=$((i+1)); done
            echo "disk $(md5sum </dev/sda)"
            echo "disc $(md5sum </dev/sr0)"
            dd if=/dev/sr0 of=/dev/sda bs=1M count=1 seek=3 conv=fsync 2>/dev/null
            echo 1 >/sys/block/sda/device/delete
            dmesg | grep -e 'ata[12]' -e 'sr 1'
            echo DONE
            poweroff -f
            """;

    @TempDir
    private Path folder;
    private final byte[] disk = random(DISK_SIZE);
    private final byte[] disc = random(DISC_SIZE);
    private LabKernel kernel;

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static String sum(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    }

    @BeforeEach
    void makeDisks() throws Exception {
        kernel = LabKernel.cloud(System.err::println);
        Files.write(folder.resolve("disk.raw"), disk);
        Files.write(folder.resolve("disc.iso"), disc);
        Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("ata_piix", "sd_mod", "sr_mod"), SCRIPT));
    }

    @Test
    void shouldReadAndWriteByDmaFromLinux() throws Exception {
        LabRun.Result result = SoftRun.jkvm(List.of("-kernel", kernel.image().toString(), "-initrd",
                folder.resolve("initramfs.gz").toString(), "-append", "console=ttyS0 quiet", "-m", "256", "-nographic",
                "-drive", "format=raw,file=" + folder.resolve("disk.raw"), "-cdrom",
                folder.resolve("disc.iso").toString()), LIMIT);

        String out = result.out();
        byte[] written = Files.readAllBytes(folder.resolve("disk.raw"));
        assertAll(() -> assertEquals(0, result.exit(), out + result.err()),
                () -> assertTrue(out.contains("disk " + sum(disk)), out),
                () -> assertTrue(out.contains("disc " + sum(disc)), out),
                () -> assertTrue(out.contains("PATA max MWDMA2 cmd 0x1f0 ctl 0x3f6 bmdma 0xc000 irq 14"), out),
                () -> assertTrue(out.contains("32768 sectors, multi 16: LBA48"), out),
                () -> assertTrue(out.contains("ata1.00: ATA-7: QEMU HARDDISK, 2.5+, max UDMA/100"), out),
                () -> assertTrue(out.contains("ata2.00: ATAPI: QEMU DVD-ROM, 2.5+, max UDMA/100"), out),
                () -> assertTrue(out.contains("DONE"), out),
                () -> assertFalse(out.contains("exception Emask") || out.contains("error"), out));
        assertTrue(Arrays.equals(disc, 0, PIECE, written, 3 * PIECE, 4 * PIECE), "what the guest wrote");
    }
}
