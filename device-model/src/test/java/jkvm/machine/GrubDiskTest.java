package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import jkvm.control.guest.Guest;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.FirmwareConfig;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** GRUB on a virtio disk, made by Debian's grub-mkrescue and started by Debian's SeaBIOS. */
@GuestTest
@Timeout(300)
class GrubDiskTest {
    private static final Path MODULES = Path.of("/usr/lib/grub/i386-pc");
    private static final Path SEABIOS = Path.of("/usr/share/seabios/bios-256k.bin");
    private static final int STATUS = 0x10;
    private static final String ENTRY = "the test's entry";
    /** Where KVM interprets each instruction, GRUB unpacks itself for a while. */
    private static final Duration MENU = Duration.ofSeconds(200);

    @TempDir
    private Path folder;
    private final Guests guests;

    GrubDiskTest(Guests guests) {
        this.guests = guests;
    }

    @BeforeEach
    void requireTools() {
        assumeTrue(Files.exists(SEABIOS), "Debian's package seabios is not installed");
        assumeTrue(Files.exists(MODULES) && Files.exists(Path.of("/usr/bin/grub-mkrescue"))
                && Files.exists(Path.of("/usr/bin/xorriso")),
                "Debian's packages grub-pc-bin, grub-common and xorriso are not installed");
    }

    private Path disk() throws Exception {
        Path image = folder.resolve("grub.img");
        Files.writeString(Files.createDirectories(folder.resolve("root/boot/grub")).resolve("grub.cfg"), """
                serial --unit=0 --speed=115200
                terminal_input serial
                terminal_output serial
                set timeout=-1
                menuentry "%s" { outb 0xf4 0x%x }
                """.formatted(ENTRY, STATUS));
        Process process = new ProcessBuilder("grub-mkrescue", "-d", MODULES.toString(), "-o", image.toString(),
                "--locales=", "--fonts=", "--themes=", "--install-modules=normal serial terminal iorw",
                folder.resolve("root").toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), output);
        return image;
    }

    @Test
    void shouldShowItsMenuOverSerialAndObeyIt() throws Exception {
        Guest guest = guests.start(Guests.machine(64).firmware(FirmwareConfig.DEFAULT.withRom(SEABIOS))
                .device(DeviceConfig.of(VirtioBlockType.PCI)
                .with(VirtioBlockType.DRIVE, TestConfigs.rawDrive("grub", disk()))));
        String shown = guest.awaitOutput(ENTRY, MENU);
        assertTrue(shown.contains("Booting from Hard Disk") && shown.contains("GNU GRUB"), shown);
        guest.type("\r");
        assertEquals(STATUS << 1 | 1, guest.awaitEnd(Duration.ofMinutes(1)).status(), guest::output);
    }
}
