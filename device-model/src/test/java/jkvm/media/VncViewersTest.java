package jkvm.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.imageio.ImageIO;
import jkvm.control.vnc.Keymap;
import jkvm.control.vnc.VncAddress;
import jkvm.control.vnc.VncConfig;
import jkvm.control.vnc.VncFacts;
import jkvm.control.vnc.VncServers;
import jkvm.host.display.Picture;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.machine.Machine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** GRUB's menu in Debian's vncsnapshot, and in its noVNC in Chromium: what they show is what the guest shows. */
@GuestTest
@Timeout(300)
@EnabledIfSystemProperty(named = "jkvm.long", matches = "true", disabledReason = "long: -Djkvm.long=true runs it")
class VncViewersTest {
    private static final Path NOVNC = Path.of("/usr/share/novnc");
    private static final String PACKAGES = "vncsnapshot novnc chromium";
    private static final String CHOSEN = "*";
    /** The largest difference of a colour that a JPEG of the best quality may make, on the average of all pixels. */
    private static final double JPEG_LOSS = 3;
    private static final int SHOTS = 10;
    private static final int ARROW_DOWN = 40;
    private static final long POLL_MILLIS = 200;
    private static final int POLLS = 300;
    /** A number of all pixels of the canvas, and its size. */
    private static final String CANVAS = """
            (() => {
                const canvas = document.querySelector('canvas');
                if (!canvas || !canvas.width) return '';
                const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                let sum = 0;
                for (let i = 0; i < data.length; i += 4)
                    sum = Math.imul(sum, 31) + (data[i] << 16 | data[i + 1] << 8 | data[i + 2]) | 0;
                return canvas.width + 'x' + canvas.height + ' ' + sum;
            })()""";

    @TempDir
    private Path folder;
    private final Guests guests;
    private final VncServers servers = new VncServers();
    private HttpServer pages;

    VncViewersTest(Guests guests) {
        this.guests = guests;
    }

    @AfterEach
    void close() {
        servers.close();
        if (pages != null) {
            pages.stop(0);
        }
    }

    private BootedGuest boot() throws IOException, InterruptedException {
        BootedGuest guest = BootedGuest.start(guests, Bios.SEABIOS, Duration.ofMinutes(2), "-m", "64", "-vga", "std",
                "-cdrom", GrubMedia.iso(new MediaFolder(folder)).toString());
        Machine machine = guest.guest().machine();
        servers.open(new VncConfig("default", Optional.of(new VncAddress.Tcp("", 0, 0)),
                Optional.of(new VncAddress.Tcp("", 0, 0)), false, false, Optional.empty(), VncConfig.Share.IGNORE, 8,
                Keymap.named(Keymap.DEFAULT).orElseThrow(), "GRUB"), machine.display(), machine.input());
        guest.awaitScreen(CHOSEN + GrubMedia.FIRST);
        return guest;
    }

    private VncFacts.Place place(boolean isWebSocket) {
        return servers.all().getFirst().facts().places().stream()
                .filter(place -> place.websocket() == isWebSocket).findFirst().orElseThrow();
    }

    private static Picture picture(BootedGuest guest) {
        return guest.guest().machine().display().orElseThrow().snapshot();
    }

    @Test
    void shouldShowTheGuestsTextInVncsnapshot() throws Exception {
        MediaFolder.require(PACKAGES, "/usr/bin/vncsnapshot");
        BootedGuest guest = boot();
        // when: the menu is drawn to its end meanwhile
        double loss = Double.MAX_VALUE;
        for (int i = 0; i < SHOTS && loss > JPEG_LOSS; i++) {
            loss = loss(picture(guest), shot());
        }
        // then
        assertTrue(loss <= JPEG_LOSS, "loss " + loss + ", on the screen:\n" + guest.screen());
        assertTrue(guest.screen().contains(CHOSEN + GrubMedia.FIRST));
    }

    /** A picture that vncsnapshot takes. */
    private BufferedImage shot() throws IOException {
        // Two colons stand before a port.
        new MediaFolder(folder).run("vncsnapshot", "-quiet", "-quality", "100", "127.0.0.1::" + place(false).service(),
                "shot.jpg");
        return ImageIO.read(folder.resolve("shot.jpg").toFile());
    }

    /** By how much a colour differs, on the average of all pixels. */
    private static double loss(Picture wanted, BufferedImage shot) {
        assertEquals(wanted.width() + "x" + wanted.height(), shot.getWidth() + "x" + shot.getHeight());
        long loss = 0;
        int count = wanted.width() * wanted.height();
        for (int i = 0; i < count; i++) {
            int one = wanted.pixels()[i];
            int other = shot.getRGB(i % wanted.width(), i / wanted.width());
            for (int shift = 0; shift < 24; shift += 8) {
                loss += Math.abs((one >> shift & 255) - (other >> shift & 255));
            }
        }
        return (double) loss / (3 * count);
    }

    @Test
    void shouldShowTheMenuInABrowserAndTakeAKeyThere() throws Exception {
        MediaFolder.require(PACKAGES, "/usr/bin/chromium", NOVNC + "/vnc_lite.html");
        BootedGuest guest = boot();
        pages = SimpleFileServer.createFileServer(new InetSocketAddress("127.0.0.1", 0), NOVNC,
                SimpleFileServer.OutputLevel.NONE);
        pages.start();
        try (BrowserPage page = new BrowserPage(folder)) {
            // when
            page.open("http://127.0.0.1:" + pages.getAddress().getPort() + "/vnc_lite.html?host=127.0.0.1&port="
                    + place(true).service());
            // then
            awaitCanvas(page, guest);
            // and when
            page.click(300, 300);
            page.press("ArrowDown", ARROW_DOWN);
            // then
            guest.awaitScreen(CHOSEN + GrubMedia.SECOND);
            awaitCanvas(page, guest);
            keep(page);
        }
    }

    /** For people who want to see it: {@code -Djkvm.pictures=FOLDER}. */
    private static void keep(BrowserPage page) throws IOException, InterruptedException {
        String kept = System.getProperty("jkvm.pictures");
        if (kept != null) {
            page.screenshot(Files.createDirectories(Path.of(kept)).resolve("novnc.png"));
        }
    }

    private static void awaitCanvas(BrowserPage page, BootedGuest guest) throws Exception {
        String shown = "";
        String wanted = "";
        for (int i = 0; i < POLLS; i++) {
            shown = page.evaluate(CANVAS);
            wanted = number(picture(guest));
            if (shown.equals(wanted)) {
                return;
            }
            Thread.sleep(POLL_MILLIS);
        }
        assertEquals(wanted, shown);
    }

    private static String number(Picture picture) {
        int sum = 0;
        for (int i = 0; i < picture.width() * picture.height(); i++) {
            sum = sum * 31 + picture.pixels()[i];
        }
        return picture.width() + "x" + picture.height() + " " + sum;
    }
}
