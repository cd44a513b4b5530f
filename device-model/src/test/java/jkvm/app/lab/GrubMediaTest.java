package jkvm.app.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.media.Bios;
import jkvm.media.BootedGuest;
import jkvm.media.GrubMedia;
import jkvm.media.LongTier;
import jkvm.media.MediaFolder;
import jkvm.media.PartitionTable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Debian's GRUB on discs and disks, under SeaBIOS and the built-in BIOS with the same outcome. */
@BootsGuests
@GuestTest
class GrubMediaTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String DOWN = "\u001b[B";

    @TempDir
    private Path folder;
    private final Guests guests;

    GrubMediaTest(Guests guests) {
        this.guests = guests;
    }

    @ParameterizedTest
    @EnumSource
    void shouldShowItsMenuOnSerialPortAndScreenAndStartTheChosenEntryFromADisc(Bios bios) throws Exception {
        BootedGuest guest = BootedGuest.start(guests, bios, PATIENCE, "-m", "64", "-vga", "std", "-boot", "d",
                "-cdrom", GrubMedia.iso(new MediaFolder(folder)).toString());
        guest.awaitSerial(GrubMedia.SECOND);
        guest.awaitScreen("GNU GRUB");
        guest.awaitScreen(GrubMedia.SECOND);
        guest.type(DOWN + "\r");
        guest.awaitSerial("A multiboot kernel runs: two second");
        guest.awaitScreen("A multiboot kernel runs: two second");
        guest.type("x");
        guest.awaitEnd();
    }

    @ParameterizedTest
    @CsvSource({"SEABIOS, MBR", "BUILT_IN, MBR", "SEABIOS, GPT", "BUILT_IN, GPT"})
    void shouldStartTheFirstEntryFromAnIdeDisk(Bios bios, PartitionTable table) throws Exception {
        LongTier.requireFor(bios);
        BootedGuest guest = BootedGuest.start(guests, bios, PATIENCE, "-m", "64", "-vga", "std", "-drive",
                "format=raw,file=" + GrubMedia.disk(new MediaFolder(folder), table));
        guest.awaitSerial(GrubMedia.SECOND);
        guest.type("\r");
        guest.awaitSerial("A multiboot kernel runs: one first");
        guest.type("x");
        guest.awaitEnd();
    }

    @ParameterizedTest
    @EnumSource
    void shouldBootLinuxFromAnExt4Partition(Bios bios) throws Exception {
        LongTier.require();
        LabKernel kernel = LabKernel.cloud(System.err::println);
        MediaFolder media = new MediaFolder(folder);
        media.copy(kernel.image(), "root/boot/vmlinuz");
        media.write("root/boot/initramfs.gz", GuestInitramfs.script(new KernelModules(kernel), List.of(),
                "echo RUNNING with $(cat /proc/cmdline)\npoweroff -f\n"));
        Path disk = GrubMedia.disk(media, PartitionTable.MBR, 24, """
                menuentry "Linux" {
                    linux /boot/vmlinuz console=ttyS0 quiet from-ext4
                    initrd /boot/initramfs.gz
                }
                """);
        Files.delete(media.path("partition.img"));
        BootedGuest guest = BootedGuest.start(guests, bios, PATIENCE, "-m", "256", "-vga", "std", "-drive",
                "format=raw,file=" + disk);
        guest.awaitSerial("Linux");
        guest.type("\r");
        guest.awaitSerial("RUNNING with BOOT_IMAGE=/boot/vmlinuz console=ttyS0 quiet from-ext4");
        guest.awaitEnd(0);
    }
}
