package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import jkvm.guest.GuestImages;
import jkvm.guest.InstalledTools;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A browser opens a report: Debian's chromium, without a window and without a network. In long test runs
 * ({@code -Djkvm.long=true}) where it is installed.
 */
@Timeout(300)
class ReportInBrowserTest {
    private static final String BROWSER = "chromium";
    private static final int GUEST_EXIT = 71;
    private static final int WIDTH = 1180;
    private static final int HEIGHT = 1600;
    /** A picture has more colours: each letter's edge has some. */
    private static final int MIN_COLOURS = 50;

    @TempDir
    private static Path folder;
    private static Path report;

    @BeforeEach
    void requireBrowser() {
        String reason = !Boolean.getBoolean("jkvm.long") ? "only with -Djkvm.long=true"
                : InstalledTools.has(BROWSER) ? "" : BROWSER + " is not installed";
        if (!reason.isEmpty()) {
            System.err.println("ReportInBrowserTest: skipped: " + reason);
        }
        assumeTrue(reason.isEmpty(), reason);
    }

    @BeforeAll
    static void makeReport() {
        report = folder.resolve("report.html");
        Path image = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot").resolve("debug-exit.bin");
        int status = Main.run(List.of("-accel", "soft", "-nodefaults", "-display", "none", "-serial", "null", "-device",
                "isa-debug-exit,iobase=0xf4,iosize=4", "-kernel", image.toString(), "-name", "a guest & its <page>",
                "-trace", "report=" + report), new PrintStream(OutputStream.nullOutputStream()),
                new PrintStream(OutputStream.nullOutputStream()));
        assertEquals(GUEST_EXIT, status);
    }

    /** Runs the browser and returns its output. */
    private static String browse(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(BROWSER, "--headless", "--no-sandbox", "--disable-gpu",
                "--hide-scrollbars", "--user-data-dir=" + folder.resolve("profile"), "--window-size=" + WIDTH + ","
                + HEIGHT));
        command.addAll(List.of(options));
        command.add(report.toUri().toString());
        Path errors = folder.resolve("errors");
        Process browser = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        browser.getInputStream().transferTo(output);
        assertTrue(browser.waitFor(60, TimeUnit.SECONDS), "the browser does not end");
        assertEquals(0, browser.exitValue(), Files.readString(errors));
        return output.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shouldBeReadAsItIsWritten() throws Exception {
        String page = browse("--dump-dom");

        assertTrue(page.contains(">a guest &amp; its &lt;page&gt;</h1>"), page);
        assertTrue(page.contains("<td class=\"left cut\" title=\"debug-exit-f4\"><span>debug-exit-f4</span></td>"),
                page);
        assertTrue(page.contains("guest-shutdown, exit code 71"), page);
        assertFalse(page.contains("<script"), page);
        assertTrue(page.contains("<svg viewBox"), "the charts are there");
    }

    @Test
    void shouldShowAPicture() throws Exception {
        BufferedImage light = picture("light", "--blink-settings=preferredColorScheme=1");
        BufferedImage dark = picture("dark", "--blink-settings=preferredColorScheme=0");

        assertTrue(isBright(light.getRGB(2, 2)), "the ground of a light page");
        assertFalse(isBright(dark.getRGB(2, 2)), "the ground of a dark page");
    }

    private static BufferedImage picture(String name, String option) throws Exception {
        Path file = folder.resolve(name + ".png");
        browse(option, "--screenshot=" + file);
        BufferedImage picture = ImageIO.read(file.toFile());
        assertEquals(WIDTH, picture.getWidth());
        Set<Integer> colours = new HashSet<>();
        Set<Integer> rows = new HashSet<>();
        for (int y = 0; y < picture.getHeight(); y += 2) {
            for (int x = 0; x < picture.getWidth(); x += 2) {
                if (picture.getRGB(x, y) != picture.getRGB(0, 0)) {
                    colours.add(picture.getRGB(x, y));
                    rows.add(y / 100);
                }
            }
        }
        assertTrue(colours.size() > MIN_COLOURS, "colours: " + colours.size());
        assertTrue(rows.size() >= HEIGHT / 100 - 2, "parts of the page with something on them: " + rows);
        return picture;
    }

    private static boolean isBright(int colour) {
        return (colour >> 16 & 0xFF) + (colour >> 8 & 0xFF) + (colour & 0xFF) > 3 * 128;
    }

    @Test
    void shouldPrintToPages() throws Exception {
        Path file = folder.resolve("report.pdf");
        browse("--no-pdf-header-footer", "--print-to-pdf=" + file);

        byte[] pages = Files.readAllBytes(file);
        assertEquals("%PDF", new String(pages, 0, 4, StandardCharsets.US_ASCII));
        assertTrue(pages.length > 20_000, "bytes: " + pages.length);
    }
}
