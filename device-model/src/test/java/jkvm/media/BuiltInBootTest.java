package jkvm.media;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import jkvm.inspect.ExitPlace;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Boots under the built-in BIOS: what they cost, and by a network card's ROM. */
@GuestTest
@Timeout(300)
class BuiltInBootTest {
    private static final Duration PATIENCE = Duration.ofSeconds(100);
    /** GRUB ends the machine with the status of {@link BootedGuest#STATUS}. */
    private static final String ENDS = """
            set timeout=0
            menuentry "end" { outb 0xf4 0x15 }
            """;

    @TempDir
    private Path folder;
    private final Guests guests;

    BuiltInBootTest(Guests guests) {
        this.guests = guests;
    }

    private long exits(Bios bios, Path iso) {
        BootedGuest guest = BootedGuest.start(guests, bios, PATIENCE, "-nodefaults", "-drive",
                "if=ide,format=raw,snapshot=on,file=" + iso);
        guest.awaitEnd();
        return guest.guest().exits().stream().mapToLong(ExitPlace::count).sum();
    }

    @Test
    void shouldNeedFewerExitsToGrubThanSeaBios() throws Exception {
        Path iso = GrubMedia.iso(new MediaFolder(folder), ENDS);

        long builtIn = exits(Bios.BUILT_IN, iso);
        long seaBios = exits(Bios.SEABIOS, iso);

        System.out.printf("exits to GRUB from an IDE disk: built-in BIOS %d, SeaBIOS %d%n", builtIn, seaBios);
        assertTrue(builtIn < seaBios, () -> builtIn + " exits under the built-in BIOS, " + seaBios + " under SeaBIOS");
    }

    @Test
    void shouldRunTheRomOfANetworkCard() {
        MediaFolder.require("ipxe-qemu", "/usr/lib/ipxe/qemu/pxe-e1000.rom");
        BootedGuest guest = BootedGuest.start(guests, Bios.BUILT_IN, PATIENCE, "-nodefaults", "-nic",
                "user,model=e1000", "-boot", "n");

        guest.awaitSerial("PnP");
        guest.awaitSerial("Booting from ROM...");
        guest.awaitSerial("iPXE initialising devices...ok");
    }
}
