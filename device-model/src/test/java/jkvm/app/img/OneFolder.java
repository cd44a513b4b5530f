package jkvm.app.img;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jkvm.app.Main;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.host.image.QemuImg;

/**
 * A folder in which qemu-img and {@code jkvm img} work on the same files. In a command line {@code @} begins a file's
 * name.
 *
 * @param path of the folder
 */
record OneFolder(Path path) {
    /** qemu-img 7.2 fails now and then where it measures so short a time: "Unable to get accurate CPU usage". */
    private static final int TRIES = 100;

    /** In an empty folder, with a file {@code r}: so many random bytes, and zeros at 100,000 and up to there. */
    static OneFolder withDisk(Path path, int size, int zerosEnd) throws IOException {
        QemuImg.assumePresent();
        byte[] content = TestDisks.randomBytes(1, size);
        Arrays.fill(content, 100_000, zerosEnd, (byte) 0);
        Files.write(path.resolve("r"), content);
        return new OneFolder(path);
    }

    private List<String> words(String first, String line) {
        List<String> words = new ArrayList<>(List.of(first));
        words.addAll(List.of(line.strip().replace("@", path + "/").split(" +")));
        return words;
    }

    QemuImg.Outcome theirs(String line) throws IOException {
        QemuImg.Outcome outcome = QemuImg.run(words("qemu-img", line).toArray(String[]::new));
        for (int i = 0; i < TRIES && outcome.text().contains("accurate CPU usage"); i++) {
            outcome = QemuImg.run(words("qemu-img", line).toArray(String[]::new));
        }
        return outcome;
    }

    /** Runs qemu-img, which has to succeed. */
    void makeTheirs(String line) throws IOException {
        QemuImg.Outcome outcome = theirs(line);
        assertEquals(0, outcome.code(), outcome.text());
    }

    QemuImg.Outcome ours(String line) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(text, true);
        return new QemuImg.Outcome(Main.run(words("img", line), out, out), text.toString());
    }

    /** Runs {@code jkvm img}, which has to succeed. */
    String makeOurs(String line) {
        QemuImg.Outcome outcome = ours(line);
        assertEquals(0, outcome.code(), line + ": " + outcome.text());
        return outcome.text();
    }

    /** Both say the same. */
    void alike(String line) throws IOException {
        assertEquals(theirs(line), ours(line), line);
    }

    /** Both end with 1, ours with one line that has these words too, apart from "Formatting". */
    void refusedAlike(String line, String words) throws IOException {
        QemuImg.Outcome their = theirs(line);
        QemuImg.Outcome our = ours(line);
        assertEquals(1, their.code(), line + ": " + their.text());
        assertEquals(1, our.code(), line + ": " + our.text());
        assertEquals(1, our.text().lines().filter(each -> !each.startsWith("Formatting")).count(), our.text());
        for (QemuImg.Outcome each : List.of(their, our)) {
            assertEquals(true, each.text().contains(words), line + ": " + each.text());
        }
    }
}
