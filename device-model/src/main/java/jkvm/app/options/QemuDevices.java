package jkvm.app.options;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** The names of QEMU 7.2's device types and their aliases: to tell a device that is not there yet from a slip. */
final class QemuDevices {
    private static final String FILE = "qemu-devices.txt";

    private QemuDevices() {
    }

    /** Read at each call: only a line that is refused or warned of needs it. */
    static boolean has(String name) {
        try (InputStream names = QemuDevices.class.getResourceAsStream(FILE)) {
            return Set.of(new String(names.readAllBytes(), StandardCharsets.US_ASCII).split("\n")).contains(name);
        } catch (IOException e) {
            throw new UncheckedIOException(FILE, e);
        }
    }
}
