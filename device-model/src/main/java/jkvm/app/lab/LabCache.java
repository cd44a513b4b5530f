package jkvm.app.lab;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import jkvm.app.options.UsageException;

/**
 * The folder in which the lab keeps its kernels and its prepared initial file system: {@code jkvm/lab} in
 * {@code $XDG_CACHE_HOME} or {@code ~/.cache}. All of it can be made again; deleting it is safe while no lab starts.
 */
final class LabCache {
    private static final int RETRY_MS = 50;

    private final Path folder;

    LabCache(Path folder) {
        this.folder = folder;
    }

    /**
     * The user's cache.
     *
     * @param environment the process's variables
     */
    static LabCache ofUser(Map<String, String> environment) {
        String base = environment.getOrDefault("XDG_CACHE_HOME", "");
        // The specification says that a relative path is to be ignored.
        Path cache = base.startsWith("/") ? Path.of(base) : Path.of(System.getProperty("user.home"), ".cache");
        return new LabCache(cache.resolve("jkvm").resolve("lab"));
    }

    Path folder() {
        return folder;
    }

    /** Work done while no other process and no other thread prepares anything in this cache. */
    interface Preparation<T> {
        T run() throws IOException;
    }

    /** @throws UsageException if the folder cannot be written */
    <T> T exclusively(Preparation<T> preparation) {
        try {
            Files.createDirectories(folder);
            try (FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE); FileLock lock = lock(channel)) {
                assert lock.isValid();
                return preparation.run();
            }
        } catch (IOException e) {
            throw new UsageException("cannot write to the lab's folder %s: %s; set XDG_CACHE_HOME to another"
                    .formatted(folder, e), e);
        }
    }

    private static FileLock lock(FileChannel channel) throws IOException {
        while (true) {
            try {
                return channel.lock();
            } catch (OverlappingFileLockException _) {
                try {
                    Thread.sleep(RETRY_MS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
            }
        }
    }

    /** @throws UsageException if fewer than so many mebibytes are free */
    void requireSpace(long mebibytes, String purpose) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace() >> 20;
        if (free < mebibytes) {
            throw new UsageException(("%s has %d MiB free and %s needs %d: make room there or set "
                    + "XDG_CACHE_HOME to another folder").formatted(folder, free, purpose, mebibytes));
        }
    }

    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
