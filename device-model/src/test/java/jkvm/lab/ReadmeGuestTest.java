package jkvm.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of README that make a guest with a network and start it, as they stand there, in the lab. */
@RequiresLab
class ReadmeGuestTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Duration LIMIT = Duration.ofMinutes(3);
    /** Types at the guest when its page can be read here; what it is asked to fetch is this machine's. */
    private static final String LAB_SCRIPT = """
            @BUSYBOX@ httpd -p 127.0.0.1:8000 -h "$1"; shift
            {
                until page=$(@BUSYBOX@ wget -q -O - http://127.0.0.1:8080/); do sleep 1; done
                echo "PAGE $page" >&2
                printf 'wget -q -O - http://10.0.2.2:8000/file | md5sum\\nexit\\n'
            } | "$@"
            """;

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

        List<String> words = running.stream().skip(1)
                .map(word -> word.startsWith("guest/") ? folder.resolve(word).toString() : word).toList();
        List<String> command = LabRun.shell(LAB_SCRIPT.replace("@BUSYBOX@",
                new LabTools(System.getenv("PATH")).busybox().toString()), folder.toString());
        command.addAll(Lab.innerJkvm(words));
        LabRun.Result result = LabRun.execApart(command, LIMIT);
        assertEquals(0, result.exit(), result.out() + result.err());
        assertTrue(result.out().contains("eth0 has the address 10.0.2.15"), result.out());
        assertTrue(result.err().contains("PAGE This page comes from the guest."), result.err());
        assertTrue(result.out().contains("98bf7d8c15784f0a3d63204441e1e2aa  -"), result.out());
    }
}
