package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.media.Bios;
import jkvm.media.BootedGuest;
import jkvm.media.LongTier;
import jkvm.media.MediaFolder;
import jkvm.media.SyslinuxMedia;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Isolinux on a disc, syslinux on a FAT partition and extlinux on an ext4 partition, under SeaBIOS and the built-in
 * BIOS with the same outcome.
 */
@BootsGuests
@GuestTest
class SyslinuxMediaTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String DOWN = "\u001b[B";

    @TempDir
    private Path folder;
    private final Guests guests;

    SyslinuxMediaTest(Guests guests) {
        this.guests = guests;
    }

    @ParameterizedTest
    @EnumSource
    void shouldTestMemoryWithMemtest86PlusFromADisc(Bios bios) throws Exception {
        LongTier.require();
        BootedGuest guest = BootedGuest.start(guests, bios, PATIENCE, "-m", "32", "-vga", "std",
                "-cdrom", SyslinuxMedia.iso(new MediaFolder(folder)).toString());
        guest.awaitSerial(SyslinuxMedia.MEMTEST);
        guest.awaitScreen(SyslinuxMedia.TITLE);
        guest.awaitScreen(SyslinuxMedia.MEMTEST);
        guest.type(DOWN + "\r");
        guest.awaitSerial("Memtest86+ v");
        guest.awaitScreen("Memtest86+ v");
        guest.awaitScreen("Errors: 0");
        assertTrue(guest.screen().contains("Memory"), guest.screen());
    }

    @ParameterizedTest
    @EnumSource
    void shouldStartAMultibootKernelFromAFatPartition(Bios bios) throws Exception {
        LongTier.requireFor(bios);
        BootedGuest guest = BootedGuest.start(guests, bios, PATIENCE, "-m", "64", "-vga", "std", "-drive",
                "format=raw,file=" + SyslinuxMedia.disk(new MediaFolder(folder)));
        guest.awaitSerial(SyslinuxMedia.HELLO);
        guest.type("\r");
        guest.awaitSerial("A multiboot kernel runs: /hello.bin from syslinux");
        guest.type("x");
        guest.awaitEnd();
    }

    @ParameterizedTest
    @EnumSource
    void shouldShowExtlinuxsMenuAndStartBothEntriesFromAnExt4Partition(Bios bios) throws Exception {
        LongTier.requireFor(bios);
        BootedGuest.requireSpeed(guests);
        String disk = ExtlinuxDisk.make(new MediaFolder(folder)).toString();
        BootedGuest kernel = BootedGuest.start(guests, bios, PATIENCE, "-m", "64", "-vga", "std", "-hda", disk);
        kernel.awaitSerial(SyslinuxMedia.MEMTEST);
        kernel.awaitScreen(SyslinuxMedia.TITLE);
        kernel.type("\r");
        kernel.awaitSerial("A multiboot kernel runs: /hello.bin from syslinux");
        kernel.type("x");
        kernel.awaitEnd();
        kernel.guest().close();

        BootedGuest memory = BootedGuest.start(guests, bios, PATIENCE, "-m", "32", "-vga", "std", "-hda", disk);
        memory.awaitSerial(SyslinuxMedia.MEMTEST);
        memory.awaitScreen(SyslinuxMedia.TITLE);
        memory.awaitScreen(SyslinuxMedia.MEMTEST);
        memory.type(DOWN + "\r");
        memory.awaitSerial("Memtest86+ v");
        memory.awaitScreen("Memtest86+ v");
    }
}
