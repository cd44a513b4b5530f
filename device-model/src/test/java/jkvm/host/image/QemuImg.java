package jkvm.host.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs qemu-img and qemu-io, which judge images; tests that need them are skipped where they are not installed. */
public final class QemuImg {
    /** A program's output, both streams, and its exit code. */
    public record Outcome(int code, String text) {
    }

    private QemuImg() {
    }

    /** True if both programs are there. */
    public static boolean isPresent() {
        try {
            return run("qemu-img", "--version").code == 0 && run("qemu-io", "--version").code == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Skips the test if there is no qemu-img. */
    public static void assumePresent() {
        assumeTrue(isPresent(), "qemu-img and qemu-io are not installed (Debian package qemu-utils)");
    }

    /** Runs a program to its end. */
    public static Outcome run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Outcome(process.waitFor(), text);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Runs qemu-img, which has to succeed. */
    public static String img(Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-img"));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Outcome outcome = run(command.toArray(String[]::new));
        assertEquals(0, outcome.code, command + ": " + outcome.text);
        return outcome.text;
    }

    /** Runs commands of qemu-io on a qcow2 image, which have to succeed. */
    public static void io(Path image, String... commands) throws IOException {
        ioAs("qcow2", image, commands);
    }

    /** Runs commands of qemu-io on an image of any format, which have to succeed. */
    static void ioAs(String format, Path image, String... commands) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-io", "-f", format));
        for (String each : commands) {
            command.add("-c");
            command.add(each);
        }
        command.add(image.toString());
        Outcome outcome = run(command.toArray(String[]::new));
        assertEquals(0, outcome.code, command + ": " + outcome.text);
    }

    /** qemu-img finds no errors; leaks are none either. */
    public static void assertClean(Path image) throws IOException {
        Outcome outcome = run("qemu-img", "check", "-f", "qcow2", image.toString());
        assertEquals(0, outcome.code, outcome.text);
    }

    /** qemu-img finds no errors; there may be leaks. */
    public static void assertNotCorrupt(Path image) throws IOException {
        Outcome outcome = run("qemu-img", "check", "-f", "qcow2", image.toString());
        assertEquals(true, outcome.code == 0 || outcome.code == 3, outcome.text);
    }

    /** Both show the same disk. */
    static void assertSame(Path qcow2, Path raw) throws IOException {
        Outcome outcome = run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", qcow2.toString(), raw.toString());
        assertEquals(0, outcome.code, outcome.text);
    }
}
