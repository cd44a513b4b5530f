package jkvm.app.lab;

import java.nio.file.Path;
import java.time.Duration;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.media.Bios;
import jkvm.media.BootedGuest;
import jkvm.media.GrubMedia;
import jkvm.media.LongTier;
import jkvm.media.MediaFolder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Debian's iPXE to its prompt: its disc, and its kernel from a disk. */
@BootsGuests
@GuestTest
class IpxeMediaTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String CTRL_B = "\u0002";

    @TempDir
    private Path folder;
    private final Guests guests;

    IpxeMediaTest(Guests guests) {
        this.guests = guests;
    }

    @ParameterizedTest
    @EnumSource
    void shouldComeToItsPromptFromItsDisc(Bios bios) {
        LongTier.requireFor(bios);
        Path disc = MediaFolder.require("ipxe", "/usr/lib/ipxe/ipxe.iso");
        BootedGuest guest = BootedGuest.start(guests, bios, PATIENCE, "-m", "64", "-nographic", "-nic", "none",
                "-cdrom", disc.toString());
        guest.awaitSerial("Press Ctrl-B for the iPXE command line");
        guest.type(CTRL_B);
        guest.awaitSerial("iPXE>");
        guest.type("echo ok\r");
        guest.awaitSerial("echo ok");
        guest.awaitSerial("ok");
    }

    @ParameterizedTest
    @EnumSource
    void shouldComeToItsPromptAsAKernelThatGrubStarts(Bios bios) throws Exception {
        LongTier.require();
        MediaFolder media = new MediaFolder(folder);
        media.copy(MediaFolder.require("ipxe", "/usr/lib/ipxe/ipxe.lkrn"), "root/boot/ipxe.lkrn");
        Path disc = GrubMedia.iso(media, """
                menuentry "iPXE" { linux16 /boot/ipxe.lkrn }
                """);
        BootedGuest guest = BootedGuest.start(guests, bios, PATIENCE, "-m", "64", "-vga", "std", "-nic", "none",
                "-cdrom", disc.toString());
        guest.awaitSerial("iPXE");
        guest.type("\r");
        guest.awaitScreen("Press Ctrl-B for the iPXE command line");
        guest.guest().press("ctrl-b");
        guest.awaitScreen("iPXE>");
    }
}
