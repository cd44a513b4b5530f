package jkvm.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The assembled guest programs of the lessons; their sources are in src/main/guest. */
final class GuestImage {
    private GuestImage() {
    }

    static byte[] read(String name) {
        try (InputStream in = GuestImage.class.getResourceAsStream(name + ".bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The image as a file, for a machine that takes it as its kernel. The file is gone when the JVM ends. */
    static Path file(String name) throws IOException {
        Path file = Files.createTempFile(name, ".bin");
        file.toFile().deleteOnExit();
        return Files.write(file, read(name));
    }
}
