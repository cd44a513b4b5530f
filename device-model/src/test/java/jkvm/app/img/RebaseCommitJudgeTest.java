package jkvm.app.img;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jkvm.app.options.UsageException;
import jkvm.host.disk.DiskException;
import jkvm.host.image.QemuImg;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same rebase or commit, of the same chain, by us and by qemu-img. */
class RebaseCommitJudgeTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder;

    /** An exit code and standard output. */
    private record Outcome(int code, String out) {
    }

    /** In two folders: base.raw, mid.qcow2 and top.qcow2 over each other, and other.qcow2, which shows other data. */
    @BeforeEach
    void makeTwoChains() throws IOException {
        QemuImg.assumePresent();
        Path first = Files.createDirectory(folder.resolve("q"));
        byte[] base = new byte[4 * MIB];
        Arrays.fill(base, 0, 3 * MIB, (byte) 1);
        Files.write(first.resolve("base.raw"), base);
        image(first, "mid.qcow2", "base.raw", "raw", 4, "write -P 2 1M 64k", "write -z 1536k 64k");
        image(first, "top.qcow2", "mid.qcow2", "qcow2", 4, "write -P 3 2M 100k", "write -z 512k 64k",
                "write -P 9 3500k 4k");
        image(first, "other.qcow2", "base.raw", "raw", 3, "write -P 1 1M 64k", "write -P 7 2560k 8k");
        Path second = Files.createDirectory(folder.resolve("j"));
        for (String each : List.of("base.raw", "mid.qcow2", "top.qcow2", "other.qcow2")) {
            Files.copy(first.resolve(each), second.resolve(each));
        }
    }

    private static void image(Path place, String name, String backing, String format, int mib, String... commands)
            throws IOException {
        Path path = place.resolve(name);
        QemuImg.img("create", "-q", "-f", "qcow2", "-b", backing, "-F", format, path, mib + "M");
        List<String> command = new ArrayList<>(List.of("qemu-io", "-f", "qcow2", path.toString()));
        for (String each : commands) {
            command.add("-c");
            command.add(each);
        }
        assertEquals(0, QemuImg.run(command.toArray(String[]::new)).code(), command.toString());
    }

    private static String[] words(String line, Path place) {
        return Arrays.stream(line.split(" ")).map(word -> word.equals("''") ? ""
                : word.startsWith("@") ? place.resolve(word.substring(1)).toString() : word).toArray(String[]::new);
    }

    private static Outcome ours(String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int code;
        try (PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            code = ImgCommand.run(List.of(words), stream, new PrintStream(PrintStream.nullOutputStream()));
        } catch (UsageException | DiskException e) {
            code = 1;
        }
        return new Outcome(code, out.toString(StandardCharsets.UTF_8));
    }

    private static Outcome theirs(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-img"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Outcome(process.waitFor(), out);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** What the image shows, as qemu-img reads it; empty where it cannot be opened. */
    private byte[] content(Path image) throws IOException {
        Path raw = folder.resolve("content.raw");
        Files.deleteIfExists(raw);
        String format = image.toString().endsWith("raw") ? "raw" : "qcow2";
        QemuImg.Outcome outcome = QemuImg.run("qemu-img", "convert", "-f", format, "-O", "raw", image.toString(),
                raw.toString());
        return outcome.code() == 0 ? Files.readAllBytes(raw) : new byte[0];
    }

    private static String backing(Path image) throws IOException {
        return QemuImg.run("qemu-img", "info", "-U", image.toString()).text().lines()
                .filter(line -> line.startsWith("backing")).toList().toString().replace("/j/", "/q/");
    }

    private static String map(Path image) throws IOException {
        return QemuImg.run("qemu-img", "map", "--output=json", image.toString()).text()
                .replaceAll(", \"offset\": [0-9]+", "").replace("/j/", "/q/");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("exit code, output, content and chain are as qemu-img leaves them")
    @ValueSource(strings = {"rebase -p -b base.raw -F raw @top.qcow2", "rebase -b other.qcow2 -F qcow2 @top.qcow2",
        "rebase -b '' @top.qcow2", "rebase -u -b nosuch -F raw @top.qcow2", "rebase -b nosuch -F raw @top.qcow2",
        "rebase -b base.raw @top.qcow2", "rebase @top.qcow2", "rebase -u -b '' @top.qcow2",
        "rebase -b base.raw -F foo @top.qcow2", "rebase -b base.raw -F raw @base.raw",
        "rebase -t writethrough -T none -q -p -b base.raw -F raw @top.qcow2", "rebase -t foo -b '' @top.qcow2",
        "rebase -u -b mid.qcow2 -F qcow2 @top.qcow2", "rebase -f raw -b '' @top.qcow2", "commit @top.qcow2",
        "commit -d @top.qcow2", "commit -q @top.qcow2", "commit -b @base.raw @top.qcow2",
        "commit -b nosuch @top.qcow2", "commit -f raw @base.raw", "commit -r 100M -d @top.qcow2",
        "commit -r x @top.qcow2", "commit -t foo @top.qcow2", "commit @top.qcow2 @mid.qcow2", "commit @mid.qcow2",
        "commit"})
    void shouldDoAsQemuImgDoes(String line) throws IOException {
        Path q = folder.resolve("q");
        Path j = folder.resolve("j");

        Outcome outcome = theirs(words(line, q));
        assertEquals(outcome, ours(words(line, j)));

        for (String each : List.of("base.raw", "mid.qcow2", "top.qcow2")) {
            assertArrayEquals(content(q.resolve(each)), content(j.resolve(each)), each);
            if (!each.endsWith("raw")) {
                assertEquals(backing(q.resolve(each)), backing(j.resolve(each)));
                // qemu-img copies first and finds out then that a format is missing.
                if (outcome.code == 0) {
                    assertEquals(map(q.resolve(each)), map(j.resolve(each)), each);
                }
                assertEquals(0, QemuImg.run("qemu-img", "check", j.resolve(each).toString()).code() & 2, each);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("info tells the newer features as qemu-img does")
    @ValueSource(strings = {"extended_l2=on", "compression_type=zstd", "data_file=@d.raw",
        "data_file=@d.raw,data_file_raw=on,extended_l2=on,compression_type=zstd", "compat=0.10"})
    void shouldTellOfFeaturesAsQemuImgDoes(String options) throws IOException {
        Path image = folder.resolve("f.qcow2");
        QemuImg.img("create", "-q", "-f", "qcow2", "-o", options.replace("@", folder + "/"), image, "1M");

        for (String output : List.of("human", "json")) {
            String[] words = {"info", "--output=" + output, image.toString()};
            assertEquals(theirs(words), ours(words));
        }
    }
}
