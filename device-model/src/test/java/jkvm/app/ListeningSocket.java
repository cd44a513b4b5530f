package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Waits for a socket without using it up: a server of one client would take a try to connect for the client. The
 * socket's file is there a moment before the server listens; the kernel's list of sockets says when it does (proc(5)).
 */
public final class ListeningSocket {
    private static final Path SOCKETS = Path.of("/proc/net/unix");
    /** The flag SO_ACCEPTCON. */
    private static final String ACCEPTS = "00010000";
    private static final int FLAGS_FIELD = 3;
    private static final long PATIENCE_SECONDS = 60;

    private ListeningSocket() {
    }

    /**
     * Waits until a server listens.
     *
     * @param path   the name that the server has bound
     * @param server fails the test if it ends before
     * @param output of the server, for the failure's message
     */
    public static void await(Path path, Process server, Path output) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!listens(path)) {
            assertTrue(server.isAlive() && System.nanoTime() < end, () -> read(output));
            Thread.sleep(10);
        }
    }

    private static boolean listens(Path path) throws IOException {
        return Files.readAllLines(SOCKETS).stream().filter(line -> line.endsWith(" " + path))
                .anyMatch(line -> line.split(" +")[FLAGS_FIELD].equals(ACCEPTS));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
