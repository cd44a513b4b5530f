package jkvm.app.lab;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jkvm.app.options.UsageException;

/** The host's programs that the lab uses. A program that is missing is named together with how to get it. */
final class LabTools {
    static final String QEMU = "qemu-system-x86_64";
    /** How a kernel begins to tell of a fault of its own. */
    private static final Pattern FAULT = Pattern.compile("BUG: |Oops: |general protection fault|PANIC: ");
    private static final String SHORT_OF = "jkvm lab needs %s, which is not %s: %s";

    private final String searchPath;

    /** @param searchPath folders as in the variable PATH; null for none */
    LabTools(String searchPath) {
        this.searchPath = searchPath == null ? "" : searchPath;
    }

    Optional<Path> find(String program) {
        for (String folder : searchPath.split(File.pathSeparator)) {
            Path file = Path.of(folder.isEmpty() ? "." : folder, program);
            if (Files.isRegularFile(file) && Files.isExecutable(file)) {
                return Optional.of(file.toAbsolutePath());
            }
        }
        return Optional.empty();
    }

    Path qemu() {
        return require(QEMU, "apt-get install qemu-system-x86");
    }

    /**
     * A busybox that runs alone in an initial file system.
     *
     * @throws UsageException if there is none or if it is linked dynamically
     */
    Path busybox() {
        String remedy = "apt-get install busybox-static";
        Path busybox = require("busybox", remedy);
        try {
            // A dynamic program names its loader, and no static one has a reason to.
            String text = new String(Files.readAllBytes(busybox), StandardCharsets.ISO_8859_1);
            if (text.contains("/lib64/ld-linux")) {
                throw new UsageException(SHORT_OF.formatted("a static busybox", "what " + busybox + " is",
                        remedy));
            }
        } catch (IOException e) {
            throw new UsageException("cannot read " + busybox + ": " + e.getMessage(), e);
        }
        return busybox;
    }

    Path require(String program, String remedy) {
        return find(program).orElseThrow(() -> new UsageException(
                SHORT_OF.formatted(program, "on the PATH", remedy)));
    }

    /**
     * Runs a program to its end.
     *
     * @return what it wrote to its standard output
     * @throws UsageException if it fails, with the last line of its error output
     */
    byte[] run(Path folder, List<String> command) {
        try {
            Path errors = Files.createTempFile("jkvm-lab", ".err");
            try {
                Process process = new ProcessBuilder(command).directory(folder.toFile())
                        .redirectInput(new File("/dev/null")).redirectError(errors.toFile()).start();
                byte[] output = process.getInputStream().readAllBytes();
                int status = process.waitFor();
                if (status != 0) {
                    throw new UsageException("`%s` failed with status %d: %s".formatted(
                            String.join(" ", command), status, lastLine(errors)));
                }
                return output;
            } finally {
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command.getFirst(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UsageException("interrupted while " + command.getFirst() + " ran", e);
        }
    }

    static String lastLine(Path file) throws IOException {
        List<String> lines = lines(file);
        return lines.isEmpty() ? "it said nothing" : lines.getLast().strip();
    }

    /** Why a kernel that wrote this console ended: its panic, with the first fault before it, or else its last line. */
    static String lastWords(Path console) throws IOException {
        List<String> lines = lines(console);
        Stream<String> fault = lines.stream().filter(line -> FAULT.matcher(line).find()).limit(1);
        Stream<String> panic = lines.stream().filter(line -> line.contains("Kernel panic")).limit(1);
        String reason = Stream.concat(fault, panic).map(String::strip).distinct().collect(Collectors.joining("; "));
        return reason.isEmpty() ? lastLine(console) : reason;
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1).strip().lines().toList();
    }
}
