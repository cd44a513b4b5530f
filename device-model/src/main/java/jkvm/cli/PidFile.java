package jkvm.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import jkvm.bus.ConfigurationException;

/** The file of {@code -pidfile}: there while the process runs, gone after it, even if a signal ended it. */
final class PidFile implements AutoCloseable {
    private final Optional<Path> path;

    private PidFile(Optional<Path> path) {
        this.path = path;
    }

    /** @throws ConfigurationException if it cannot be written */
    static PidFile write(Optional<Path> path) {
        if (path.isPresent()) {
            try {
                Files.writeString(path.get(), ProcessHandle.current().pid() + "\n");
            } catch (IOException e) {
                throw new ConfigurationException("-pidfile " + path.get() + ": cannot be written; is its folder there,"
                        + " and may you write to it?", e);
            }
        }
        PidFile file = new PidFile(path);
        if (path.isPresent()) {
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("pidfile").unstarted(file::close));
        }
        return file;
    }

    @Override
    public void close() {
        path.ifPresent(present -> {
            try {
                Files.deleteIfExists(present);
            } catch (IOException e) {
                System.getLogger("jkvm.cli").log(System.Logger.Level.DEBUG, "pidfile not removed", e);
            }
        });
    }
}
