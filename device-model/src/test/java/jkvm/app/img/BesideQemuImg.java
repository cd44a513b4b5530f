package jkvm.app.img;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.app.Main;
import jkvm.host.image.QemuImg;

/**
 * Two folders with the same files. qemu-img works in one and {@code jkvm img} in the other, and both have to do the
 * same. In a command line a word that begins with {@code @} is a file's name.
 */
final class BesideQemuImg {
    private static final int SECONDS = 60;
    /** Blocks of 512 bytes: the file system counts a block for its own tree where a file has several extents. */
    private static final long NOISE = 8;

    private final Path theirs;
    private final Path ours;
    private final List<String> differences = new ArrayList<>();

    /** @param folder an empty one; the test is skipped if there is no qemu-img */
    BesideQemuImg(Path folder) throws IOException {
        QemuImg.assumePresent();
        theirs = Files.createDirectory(folder.resolve("q"));
        ours = Files.createDirectory(folder.resolve("j"));
    }

    /** Our copy of a file. */
    Path ours(String name) {
        return ours.resolve(name);
    }

    /** Runs a shell script that makes files in both folders. */
    void given(String script) throws IOException {
        for (Path folder : List.of(theirs, ours)) {
            Ended ended = inFolder(folder, List.of("bash", "-ec", script));
            assertEquals(0, ended.code, script + ": " + ended.err);
        }
    }

    private record Ended(int code, String out, String err) {
    }

    private static Ended inFolder(Path folder, List<String> command) throws IOException {
        Path err = Files.createTempFile("err", "");
        try {
            Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectError(err.toFile())
                    .start();
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                fail(command + " does not end");
            }
            return new Ended(process.exitValue(), out, Files.readString(err));
        } catch (InterruptedException e) {
            throw new IOException(e);
        } finally {
            Files.delete(err);
        }
    }

    /** Expects the same exit code and the same standard output of each command line, one a line. */
    void alike(String lines) throws IOException {
        alike(lines, "");
    }

    /** As {@link #alike(String)}, with any number of seconds. */
    void alikeButTime(String lines) throws IOException {
        alike(lines, "[0-9]+\\.[0-9]{3} seconds");
    }

    /** @param ignored a pattern of words that may differ */
    private void alike(String lines, String ignored) throws IOException {
        for (String line : lines.strip().split("\n")) {
            Ended their = inFolder(theirs, words(line, theirs, "qemu-img"));
            Ended our = jkvm(words(line, ours, "img"));
            String theirOut = their.out.replace(theirs.toString(), "DIR").replaceAll(ignored, "");
            String ourOut = our.out.replace(ours.toString(), "DIR").replaceAll(ignored, "");
            if (their.code != our.code || !theirOut.equals(ourOut)) {
                differences.add("%s%n  qemu-img: %d %s %s%n  jkvm:     %d %s %s".formatted(line, their.code, theirOut,
                        their.err.strip(), our.code, ourOut, our.err.strip()));
            }
        }
    }

    private static List<String> words(String line, Path folder, String first) {
        List<String> words = new ArrayList<>(List.of(first));
        for (String word : line.strip().split(" +")) {
            words.add(word.replace("@", folder + "/"));
        }
        return words;
    }

    private static Ended jkvm(List<String> words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(words, new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Ended(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** As {@link #alike}, for lines that write a file, which has to show the same disk and take as much room. */
    void alikeWith(String file, String lines) throws IOException {
        for (String line : lines.strip().split("\n")) {
            alike(line);
            compare(file, line);
        }
    }

    private void compare(String file, String line) throws IOException {
        Path their = theirs.resolve(file);
        Path our = ours.resolve(file);
        if (Files.exists(their) != Files.exists(our)) {
            differences.add(line + ": " + their + " is there: " + Files.exists(their) + ", ours: " + Files.exists(our));
        } else if (Files.exists(our)) {
            QemuImg.Outcome same = QemuImg.run("qemu-img", "compare", their.toString(), our.toString());
            long theirBlocks = blocks(their);
            long ourBlocks = blocks(our);
            if (same.code() != 0 || Math.abs(theirBlocks - ourBlocks) > NOISE) {
                differences.add("%s: %s %d blocks, ours %d".formatted(line, same.text(), theirBlocks, ourBlocks));
            }
        }
    }

    private static long blocks(Path file) throws IOException {
        return Long.parseLong(QemuImg.run("stat", "-c", "%b", file.toString()).text().strip());
    }

    /** Fails if there was a difference. */
    void check() {
        assertEquals("", String.join("\n", differences));
    }
}
