package jkvm.app.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.media.Bios;
import jkvm.media.BootedGuest;
import jkvm.media.GrubMedia;
import jkvm.media.LongTier;
import jkvm.media.MediaFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Debian's installer, in text mode, from a disc with GRUB: to its first dialogue over the serial port. */
@BootsGuests
@GuestTest
class InstallerTest {
    private static final String IMAGES = "/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/";
    private static final String LANGUAGE = "Select a language";
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir
    private Path folder;
    private final Guests guests;

    InstallerTest(Guests guests) {
        this.guests = guests;
    }

    @BeforeEach
    void requireLong() {
        LongTier.require();
        MediaFolder.require("debian-installer-12-netboot-amd64", IMAGES + "linux", IMAGES + "initrd.gz");
    }

    private Path disc() throws IOException {
        MediaFolder media = new MediaFolder(folder);
        media.copy(Path.of(IMAGES + "linux"), "root/boot/linux");
        media.copy(Path.of(IMAGES + "initrd.gz"), "root/boot/initrd.gz");
        return GrubMedia.iso(media, """
                menuentry "Install" {
                    linux /boot/linux console=ttyS0,115200 --- quiet
                    initrd /boot/initrd.gz
                }
                """);
    }

    @ParameterizedTest
    @EnumSource
    void shouldAskForTheLanguageOverTheSerialPort(Bios bios) throws Exception {
        BootedGuest guest = BootedGuest.start(guests, bios, PATIENCE, "-m", "1024", "-vga", "std", "-cdrom",
                disc().toString());
        guest.awaitSerial("Install");
        guest.type("\r");
        guest.awaitSerial(LANGUAGE);
    }
}
