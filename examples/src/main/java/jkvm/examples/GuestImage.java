package jkvm.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

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
}
