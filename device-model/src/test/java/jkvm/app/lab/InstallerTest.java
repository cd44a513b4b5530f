package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.control.vnc.VncViewer;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.media.Bios;
import jkvm.media.BootedGuest;
import jkvm.media.LongTier;
import jkvm.media.MediaFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Debian's installer, in text mode, from a disc with GRUB: to its first dialogue over the serial port and over VNC,
 * with a virtio disk and a virtio network card, which it sees.
 */
@BootsGuests
@GuestTest
@Timeout(value = 20, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InstallerTest {
    private static final String LANGUAGE = "Select a language";
    private static final Duration PATIENCE = Duration.ofMinutes(8);
    private static final long DISK_SIZE = 32 << 20;
    private static final int LOOKS = 100;
    private static final long POLL_MILLIS = 50;

    @TempDir
    private Path folder;
    private final Guests guests;

    InstallerTest(Guests guests) {
        this.guests = guests;
    }

    @BeforeEach
    void requireLong() {
        LongTier.require();
        InstallerDisc.require();
    }

    private BootedGuest boot(Bios bios, String kernelWords) throws IOException {
        Path disk = Files.createFile(folder.resolve("disk.raw"));
        new MediaFolder(folder).run("truncate", "-s", Long.toString(DISK_SIZE), disk.toString());
        List<String> words = new ArrayList<>(List.of("-m", "1024", "-vga", "std", "-boot", "d", "-cdrom",
                InstallerDisc.make(new MediaFolder(folder), kernelWords).toString()));
        words.addAll(List.of("-drive", "if=virtio,format=raw,file=" + disk, "-nic",
                "user,model=virtio-net-pci,mac=52:54:00:12:34:56"));
        BootedGuest guest = BootedGuest.start(guests, bios, PATIENCE, words.toArray(String[]::new));
        guest.awaitSerial("Install");
        guest.type("\r");
        return guest;
    }

    @ParameterizedTest
    @EnumSource
    void shouldAskForTheLanguageOverTheSerialPortAndSeeDiskAndNetwork(Bios bios) throws Exception {
        BootedGuest guest = boot(bios, "console=ttyS0,115200 ---");
        String kernel = guest.awaitSerial(LANGUAGE);
        assertTrue(kernel.contains("[vda] 65536 512-byte logical blocks"), kernel);
        assertTrue(kernel.contains("virtio_net virtio"), kernel);
    }

    @ParameterizedTest
    @EnumSource
    void shouldAskForTheLanguageOverVncAndSeeDiskAndNetwork(Bios bios) throws Exception {
        BootedGuest guest = boot(bios, "vga=normal nomodeset fb=false --- quiet");
        guest.awaitScreen(LANGUAGE);
        try (VncViewer viewer = new VncViewer(guest.guest().machine())) {
            awaitPicture(viewer);
            viewer.press(VncViewer.ALT, VncViewer.F2);
            guest.awaitScreen("Please press Enter to activate this console");
            viewer.press(VncViewer.ENTER);
            viewer.line("cat /sys/block/vda/size");
            guest.awaitScreen("65536");
            viewer.line("ip link");
            guest.awaitScreen("52:54:00:12:34:56");
            awaitPicture(viewer);
        }
    }

    /** The cursor blinks: the two pictures need not be of one moment. */
    private static void awaitPicture(VncViewer viewer) throws Exception {
        boolean isSame = viewer.seesTheScreen();
        for (int i = 0; i < LOOKS && !isSame; i++) {
            Thread.sleep(POLL_MILLIS);
            isSame = viewer.seesTheScreen();
        }
        assertTrue(isSame, "the viewer shows another picture than the machine");
    }
}
