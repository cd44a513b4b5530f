package jkvm.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Images of the guests in src/test/guest/harness. */
public final class HarnessGuest {
    private HarnessGuest() {
    }

    /** The image of a source, named without its suffix. */
    public static byte[] image(String name) {
        try (InputStream in = HarnessGuest.class.getResourceAsStream("/jkvm/harness/" + name + ".bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
