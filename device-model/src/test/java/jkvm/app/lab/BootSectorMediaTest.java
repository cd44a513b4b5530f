package jkvm.app.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.media.Bios;
import jkvm.media.BootSectorMedia;
import jkvm.media.BootedGuest;
import jkvm.media.MediaFolder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A boot sector on a floppy disk and on El Torito's emulations, under SeaBIOS and the built-in BIOS with the same
 * outcome. Its screen and keyboard are the serial port, as the machine has no graphics.
 */
@BootsGuests
@GuestTest
class BootSectorMediaTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    private Path folder;
    private final Guests guests;

    BootSectorMediaTest(Guests guests) {
        this.guests = guests;
    }

    private void shouldRunFrom(Bios bios, String drive, String text, String... words) {
        List<String> line = new ArrayList<>(List.of("-m", "16", "-nographic"));
        line.addAll(List.of(words));
        BootedGuest guest = BootedGuest.start(guests, bios, PATIENCE, line.toArray(String[]::new));
        guest.awaitSerial("A boot sector runs from drive " + drive + " and reads: " + text);
        guest.awaitSerial("Press a key: ");
        guest.type("k");
        guest.awaitEnd();
    }

    @ParameterizedTest
    @EnumSource
    void shouldRunFromAFloppyDisk(Bios bios) throws Exception {
        shouldRunFrom(bios, "00", "the floppy's second track", "-fda",
                BootSectorMedia.floppy(new MediaFolder(folder)).toString());
    }

    @ParameterizedTest
    @EnumSource
    void shouldRunFromADiscThatEmulatesAFloppyDisk(Bios bios) throws Exception {
        shouldRunFrom(bios, "00", "the floppy's second track", "-cdrom",
                BootSectorMedia.floppyDisc(new MediaFolder(folder)).toString());
    }

    @ParameterizedTest
    @EnumSource
    void shouldRunFromADiscThatEmulatesAHardDisk(Bios bios) throws Exception {
        shouldRunFrom(bios, "80", "the disk's second track", "-cdrom",
                BootSectorMedia.hardDiskDisc(new MediaFolder(folder)).toString());
    }
}
