package jkvm.guest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Programs of the host that some tests need. */
public final class InstalledTools {
    private InstalledTools() {
    }

    /** True if a program is in one of the folders of PATH. */
    public static boolean has(String tool) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(place ->
                Files.isExecutable(Path.of(place, tool)));
    }
}
