package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import jkvm.control.guest.Guest;
import jkvm.device.vga.VgaType;
import jkvm.host.display.Picture;
import jkvm.host.display.PictureFormat;
import jkvm.host.display.TextScreen;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.FirmwareConfig;
import jkvm.machine.snapshot.MachineSnapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's SeaBIOS and its BIOS for the VGA on ours: the text that it writes is the text of the picture. */
@GuestTest
@Timeout(120)
class VgaGuestTest {
    private static final Path ROM = Path.of("/usr/share/seabios/bios-256k.bin");
    private static final Path VGA_ROM = Path.of("/usr/share/seabios/vgabios-stdvga.bin");
    private static final String NOTHING = "No bootable device.";
    /** As QEMU 7.2 shows it with -nodefaults -vga std and nothing to boot from. */
    private static final List<String> LINES = List.of("Booting from Floppy...",
            "Boot failed: could not read the boot disk", "", "Booting from Hard Disk...",
            "Boot failed: could not read the boot disk", "", NOTHING);

    @TempDir
    private Path folder;
    private final Guests guests;

    VgaGuestTest(Guests guests) {
        this.guests = guests;
    }

    private Guest seaBios() {
        return guests.build(TestConfigs.machine(32).firmware(FirmwareConfig.DEFAULT.withRom(ROM))
                .device(DeviceConfig.of(VgaType.TYPE)).build());
    }

    @Test
    void shouldShowTheTextOfSeaBiosAsCharactersAndAsPixels() throws Exception {
        assumeTrue(Files.exists(ROM) && Files.exists(VGA_ROM), "Debian's package seabios is not installed");
        Guest guest = seaBios().start();
        MachineRun.await("the end of POST on the screen", () -> shows(guest, NOTHING));

        guest.pause();
        TextScreen text = guest.screen();
        Picture picture = guest.picture();
        assertTrue(text.lines().getFirst().startsWith("SeaBIOS (version "), text.string());
        assertEquals(LINES, text.lines().subList(1, 1 + LINES.size()));
        assertEquals(720, picture.width());
        assertEquals(400, picture.height());
        assertEquals(text.lines(), new GlyphReader(picture, text).lines());
        guest.machine().display().orElseThrow().dump(folder.resolve("screen.png"), PictureFormat.PNG);
        assertEquals(0x89504E47, ByteBuffer.wrap(Files.readAllBytes(folder.resolve("screen.png"))).getInt());
        MachineSnapshot snapshot = guest.machine().save().join();
        guest.quit();

        Guest other = seaBios();
        CompletableFuture<Void> loaded = other.machine().load(snapshot);
        other.startPaused();
        loaded.join();
        assertEquals(text.lines(), other.screen().lines());
        assertEquals(text.lines(), new GlyphReader(other.picture(), text).lines());
        other.quit();
    }

    private static boolean shows(Guest guest, String text) {
        return guest.machine().display().orElseThrow().text().filter(screen -> screen.string().contains(text))
                .isPresent();
    }
}
