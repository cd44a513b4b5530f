package jkvm.host.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jkvm.linux.Syscalls;

/** Runs a main class in a JVM of its own and kills that with SIGKILL. */
public final class KilledProcess {
    private KilledProcess() {
    }

    /**
     * Kills it so long after its first output.
     *
     * @return all that it has printed, a letter for each byte
     */
    public static String outputOf(Class<?> main, int milliseconds, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp", classPath(main), main.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        int first = process.getInputStream().read();
        Thread.sleep(milliseconds);
        // Through the handle, as the process object would close the pipe that is still to be read.
        process.toHandle().destroyForcibly();
        byte[] rest = process.getInputStream().readAllBytes();
        assertEquals(128 + 9, process.waitFor(), "the process ended before it was killed");
        return (first < 0 ? "" : (char) first) + new String(rest, StandardCharsets.ISO_8859_1);
    }

    private static String classPath(Class<?> main) {
        return Stream.of(main, DiskImages.class, Syscalls.class).map(KilledProcess::location).distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String location(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
