package jkvm.app.img;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import jkvm.app.Main;
import jkvm.host.image.QemuImg;
import jkvm.linux.Fd;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.FileStatus;

/**
 * Runs one command line with qemu-img in one folder and with {@code jkvm img} in another that has the same files, and
 * tells whether exit code, standard output, the resulting disk and its allocation agree.
 *
 * <p>A case is a text: steps that prepare files, then the command line, with semicolons between, and {@code => FILE}
 * for the file that it makes or changes, or {@code =< FILE} where ours may take less room: qemu-img writes whole
 * tables. {@code k>m} copies a file, {@code poke FILE OFFSET HEX} changes bytes of it, {@code cut FILE SIZE} shortens
 * it, {@code ! WORDS} is a command line of qemu-img for both folders. In the command line a word that has {@code @}
 * names a file at that place, and single quotes keep spaces.
 */
final class SideBySide {
    private static final long TOLERANCE = 64 << 10;
    private static final long BLOCK = 4 << 10;
    private static final Pattern ON_HOST = Pattern.compile("\"actual-size\": (\\d+)");
    /** A command that takes longer hangs. */
    private static final String SECONDS = "15";
    private static final int DAMAGED = 2;
    private static final long NANOS_PER_MILLI = 1_000_000;
    /** What ours may take: so much, and so many times qemu-img's time. */
    private static final long MOST_NANOS = 150 * NANOS_PER_MILLI, MOST_TIMES = 3;
    private static final String HERE = "@";

    private final Path theirs;
    private final Path ours;
    private final List<String> slow = new ArrayList<>();

    /** @param script makes the files that cases start from */
    SideBySide(Path folder, String script) throws IOException {
        theirs = folder.resolve("q");
        ours = folder.resolve("j");
        Path first = Files.createDirectory(folder.resolve("o"));
        Ended made = run(first, List.of("bash", "-ec", script));
        assertEquals(0, made.code, made.err);
        // Both are copies: cp leaves other holes than there are.
        assertEquals(0, run(folder, List.of("cp", "-a", "o", "q")).code);
        assertEquals(0, run(folder, List.of("cp", "-a", "o", "j")).code);
    }

    private record Ended(int code, String out, String err) {
    }

    /** A command line on which both do not agree, and the results, without the folders. */
    record Difference(String line, String theirs, String ours) {
    }

    /** @return empty if both agree */
    Optional<Difference> run(String text) throws IOException {
        String[] parts = text.split(" =[<>] ");
        String[] steps = parts[0].split("; ");
        for (int i = 0; i < steps.length - 1; i++) {
            prepare(steps[i].strip());
        }
        String line = steps[steps.length - 1].strip();
        long start = System.nanoTime();
        Ended their = run(theirs, words(line, theirs, "qemu-img"));
        long between = System.nanoTime();
        Ended our = jkvm(words(line, ours, "img"));
        long ourTime = System.nanoTime() - between;
        if (ourTime > MOST_NANOS + MOST_TIMES * (between - start)) {
            slow.add("%d ms, qemu-img %d ms: %s".formatted(ourTime / NANOS_PER_MILLI,
                    (between - start) / NANOS_PER_MILLI, text));
        }
        String theirText = their.code + "\n" + plain(their.out);
        String ourText = our.code + "\n" + sameSizes(plain(our.out), their.out);
        if (theirText.equals(ourText) && parts.length > 1) {
            Optional<String> state = compare(parts[1].strip(), text.contains(" =< "));
            theirText += state.map(each -> each.split("\n")[0]).orElse("");
            ourText += state.map(each -> each.split("\n")[1]).orElse("");
        }
        return theirText.equals(ourText) ? Optional.empty()
                : Optional.of(new Difference(text, theirText + their.err, ourText + our.err));
    }

    /** The command lines so far for which ours took too long, with both times. */
    List<String> slow() {
        return slow;
    }

    /** Without the folders, of which texts in images may name either, and the times. */
    private String plain(String text) {
        return text.replaceAll("completed in .* seconds", "completed").replaceAll("[0-9-]{10} [0-9:]{8}", "DATE")
                .replace(theirs.toString(), "DIR").replace(ours.toString(), "DIR");
    }

    /**
     * Our output with their sizes on the host where ours are nearly the same: a copy of a file may take a block of
     * its file system's tables more.
     */
    private static String sameSizes(String our, String their) {
        Iterator<Long> sizes = ON_HOST.matcher(their).results().map(each -> Long.valueOf(each.group(1))).iterator();
        return ON_HOST.matcher(our).replaceAll(found -> {
            long size = Long.parseLong(found.group(1));
            long other = sizes.hasNext() ? sizes.next() : size;
            return "\"actual-size\": " + (Math.abs(size - other) <= BLOCK ? other : size);
        });
    }

    private void prepare(String step) throws IOException {
        String[] words = step.split("[ >]");
        for (Path folder : List.of(theirs, ours)) {
            if (step.startsWith("! ")) {
                run(folder, words(step.substring(2), folder, "qemu-img"));
                continue;
            }
            if (step.contains(">")) {
                run(folder, List.of("cp", "-a", words[0], words[1]));
                continue;
            }
            try (RandomAccessFile file = new RandomAccessFile(folder.resolve(words[1]).toFile(), "rw")) {
                if (words[0].equals("cut")) {
                    file.setLength(Long.decode(words[2]));
                } else {
                    file.seek(Long.decode(words[2]));
                    file.write(HexFormat.of().parseHex(words[3]));
                }
            }
        }
    }

    private static List<String> words(String line, Path folder, String first) {
        List<String> words = new ArrayList<>(List.of(first));
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        boolean any = false;
        for (char c : (line + " ").toCharArray()) {
            if (c == '\'') {
                quoted = !quoted;
                any = true;
            } else if (c != ' ' || quoted) {
                word.append(c);
            } else if (any || !word.isEmpty()) {
                words.add(word.toString().replace(HERE, folder + "/"));
                word.setLength(0);
                any = false;
            }
        }
        return words;
    }

    private static Ended run(Path folder, List<String> command) throws IOException {
        Path err = folder.resolve(".err");
        List<String> limited = new ArrayList<>(List.of("timeout", SECONDS));
        limited.addAll(command);
        Process process = new ProcessBuilder(limited).directory(folder.toFile()).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Ended(process.waitFor(), out, Files.readString(err));
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static Ended jkvm(List<String> words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(words, new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Ended(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The results' content and room; empty if that is the same. */
    private Optional<String> compare(String name, boolean mayTakeLess) throws IOException {
        Path their = theirs.resolve(name);
        Path our = ours.resolve(name);
        boolean isThere = Files.exists(their);
        if (isThere != Files.exists(our)) {
            return Optional.of(isThere ? "made\nnot made" : "not made\nmade");
        }
        if (!isThere) {
            return Optional.empty();
        }
        QemuImg.Outcome same = QemuImg.run("qemu-img", "compare", "-U", their.toString(), our.toString());
        // A disk whose backing file is missing cannot be read, but its header.
        boolean isSame = same.code() == 0 || same.code() > 1 && header(their).equals(header(our));
        if (!isSame) {
            return Optional.of("this disk\nanother disk: " + same.text().strip().replace('\n', ' '));
        }
        if (QemuImg.run("qemu-img", "check", our.toString()).code() == DAMAGED
                && QemuImg.run("qemu-img", "check", their.toString()).code() != DAMAGED) {
            return Optional.of("a good image\na damaged image");
        }
        long theirSize = allocated(their);
        long ourSize = allocated(our);
        return Math.abs(theirSize - ourSize) <= TOLERANCE || mayTakeLess && ourSize < theirSize ? Optional.empty()
                : Optional.of("takes " + theirSize + "\ntakes " + ourSize);
    }

    /** Information of qemu-img on an image, without its size on the host. */
    private String header(Path image) throws IOException {
        String text = QemuImg.run("qemu-img", "info", image.toString()).text();
        return plain(text.replaceAll("disk size: .*", ""));
    }

    private static long allocated(Path file) {
        try (Fd fd = Fd.open(new FfmSyscalls(), file.toString(), Fd.O_RDONLY)) {
            return FileStatus.of(fd).allocated();
        }
    }
}
