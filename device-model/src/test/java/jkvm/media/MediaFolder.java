package jkvm.media;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import jkvm.guest.GuestImages;

/** A folder in which tools of the host make media. */
public final class MediaFolder {
    private static final Path IMAGES = GuestImages.folder("device-model", "src/test/resources/jkvm/media");
    private static final int TOOL_SECONDS = 60;

    private final Path folder;

    /** @param folder empty, or with files of other names than those that will be made */
    public MediaFolder(Path folder) {
        this.folder = folder;
    }

    /** A guest of {@code src/test/guest/media}, assembled. */
    public static Path guest(String name) {
        return IMAGES.resolve(name + ".bin");
    }

    /**
     * Skips the test unless files are installed.
     *
     * @param packages of Debian, for the message
     * @return the last file
     */
    public static Path require(String packages, String... files) {
        for (String file : files) {
            assumeTrue(Files.exists(Path.of(file)), "no " + file + " here: apt-get install " + packages);
        }
        return Path.of(files[files.length - 1]);
    }

    /** A file of this folder, which need not exist. */
    public Path path(String name) {
        return folder.resolve(name);
    }

    /** A new folder in this one. */
    MediaFolder folder(String name) throws IOException {
        return new MediaFolder(Files.createDirectories(path(name)));
    }

    /** Writes a file, with the folders that it is in. */
    public Path write(String name, byte[] content) throws IOException {
        Files.createDirectories(path(name).getParent());
        return Files.write(path(name), content);
    }

    /** Writes a text. */
    public Path write(String name, String text) throws IOException {
        return write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Copies a file of the host. */
    public Path copy(Path file, String name) throws IOException {
        return write(name, Files.readAllBytes(file));
    }

    /**
     * Runs a program in this folder.
     *
     * @throws AssertionError with its output, if it fails
     */
    public void run(String... command) throws IOException {
        Path output = Files.createTempFile(folder, "tool", ".log");
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile()).redirectOutput(output.toFile()).start();
        try {
            if (!process.waitFor(TOOL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError(String.join(" ", command) + "\n" + Files.readString(output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command[0] + " ran", e);
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }

    /** The folder's path. */
    @Override
    public String toString() {
        return folder.toString();
    }
}
