package jkvm.app.img;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jkvm.host.image.QemuImg;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code jkvm img} beside qemu-img on generated command lines and images ({@link SideBySideCases},
 * {@link SideBySideOptions}): a sample, and all
 * with {@code -Djkvm.long=true}. The command lines on which they differ, and why, are in {@code differences.txt}; there
 * may be no other, and at most one in fifty. With {@code -Djkvm.differences=FILE} both results are written there;
 * {@code -Djkvm.cases=TEXT} tries those that contain the text.
 */
class SideBySideTest {
    private static final boolean LONG = Boolean.getBoolean("jkvm.long");
    private static final int SAMPLE = 5;
    private static final int MOST_PERCENT = 2;

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsQemuImg() {
        QemuImg.assumePresent();
    }

    /** The command lines of the table: the text before the first tab of each line. */
    private static Set<String> known() throws IOException {
        try (InputStream table = SideBySideTest.class.getResourceAsStream("differences.txt")) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8).lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#")).map(line -> line.split("\t")[0])
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void shouldAgreeWithQemuImg() throws IOException {
        // given
        SideBySide sides = new SideBySide(folder, SideBySideCases.SCRIPT);
        String wanted = System.getProperty("jkvm.cases", "");
        List<String> cases = Stream.concat(SideBySideCases.all().stream(), SideBySideOptions.all().stream())
                .filter(each -> each.contains(wanted)).toList();
        Set<String> known = known();
        List<SideBySide.Difference> differences = new ArrayList<>();

        // when
        int tried = 0;
        for (int i = 0; i < cases.size(); i += LONG ? 1 : SAMPLE) {
            Optional<SideBySide.Difference> difference = sides.run(cases.get(i));
            difference.ifPresent(differences::add);
            tried++;
        }

        // then
        String count = tried + " command lines, " + differences.size() + " differ";
        System.out.println(count + ", " + sides.slow().size() + " took too long");
        sides.slow().forEach(System.out::println);
        String file = System.getProperty("jkvm.differences", "");
        if (!file.isEmpty()) {
            Files.writeString(Path.of(file), count + "\n\n" + differences.stream().map(each -> each.line()
                    + "\nqemu-img: " + each.theirs() + "\njkvm:     " + each.ours() + "\n").collect(
                    Collectors.joining("\n")));
        }
        List<String> unknown = differences.stream().map(SideBySide.Difference::line)
                .filter(line -> !known.contains(line)).toList();
        assertTrue(unknown.isEmpty(), () -> count + ", of which the table has not:\n" + String.join("\n", unknown));
        assertTrue(!wanted.isEmpty() || known.size() * 100 <= MOST_PERCENT * cases.size(),
                known.size() + " of " + cases.size());
    }
}
