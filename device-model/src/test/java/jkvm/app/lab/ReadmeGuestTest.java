package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The lines of README that make a guest with a network and start it, as they stand there but for
 * the ports, which are free ones: on the KVM in Java.
 */
@BootsGuests
class ReadmeGuestTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Duration BOOT = Duration.ofMinutes(2);
    private static final Duration COMMAND = Duration.ofSeconds(30);
    private static final String ADDRESS = "eth0 has the address 10.0.2.15";

    @TempDir
    private Path folder;

    /** The words of README's only line that begins so. */
    private static List<String> words(String beginning) throws Exception {
        try (Stream<String> lines = Files.lines(README)) {
            List<String> found = lines.map(String::strip).filter(line -> line.startsWith(beginning)).toList();
            assertEquals(1, found.size(), beginning);
            return List.of(found.getFirst().replaceFirst(" +#.*", "").split(" "));
        }
    }

    @Test
    void shouldServeAPageAndFetchAFileByTheLinesOfReadme() throws Exception {
        List<String> making = words("./jkvm lab --guest");
        List<String> running = words("./jkvm -kernel guest/vmlinuz");
        assertEquals(List.of("./jkvm", "lab", "--guest", "guest"), making);
        LabGuest.write(folder.resolve(making.getLast()), System.err::println);
        Files.writeString(folder.resolve("file"), "contents");

        int guestPort = SoftRun.freePort();
        int ownPort = SoftRun.freePort();
        List<String> words = running.stream().skip(1)
                .map(word -> word.startsWith("guest/") ? folder.resolve(word).toString() : word)
                .map(word -> word.replace("tcp::8080-", "tcp::" + guestPort + "-")).toList();
        Process server = SoftRun.webServer(ownPort, folder);
        try (SoftTerminal terminal = new SoftTerminal(words)) {
            terminal.expect(ADDRESS, BOOT);
            terminal.expect("# ", COMMAND);
            assertEquals("This page comes from the guest.", page(guestPort));
            terminal.send("wget -q -O - http://10.0.2.2:%d/file | md5sum\r".formatted(ownPort));
            terminal.expect("98bf7d8c15784f0a3d63204441e1e2aa  -", COMMAND);
            terminal.send("exit\r");
            assertEquals(0, terminal.exitStatus(COMMAND));
        } finally {
            server.destroyForcibly();
        }
    }

    private static String page(int port) throws Exception {
        try (InputStream page = URI.create("http://127.0.0.1:" + port + "/").toURL().openStream()) {
            return new String(page.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}
