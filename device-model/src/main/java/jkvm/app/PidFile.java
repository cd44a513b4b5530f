package jkvm.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import jkvm.app.options.UsageException;

/**
 * The file of {@code -pidfile}: there and locked while the process runs, gone after it, even if a signal ended it. A
 * second machine, be it QEMU's, cannot take the file of one that runs.
 */
final class PidFile implements AutoCloseable {
    private final Path path;
    /** Holds the lock. */
    private final FileChannel channel;

    private PidFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * @return null if there is no path
     * @throws UsageException if it cannot be written or belongs to another process
     */
    static PidFile write(Optional<Path> path) {
        if (path.isEmpty()) {
            return null;
        }
        PidFile file = new PidFile(path.get(), open(path.get()));
        try {
            file.write();
        } catch (IOException e) {
            file.close();
            throw new UsageException("-pidfile " + path.get() + ": cannot be written: " + e.getMessage(), e);
        } catch (UsageException e) {
            file.closeChannel();
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("pidfile").unstarted(file::close));
        return file;
    }

    private static FileChannel open(Path path) {
        try {
            return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw unwritable(path, e);
        }
    }

    private void write() throws IOException {
        if (!isLocked()) {
            throw new UsageException("-pidfile " + path + ": belongs to another process that runs;"
                    + " name another file");
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
    }

    private boolean isLocked() throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    private static UsageException unwritable(Path path, Exception cause) {
        return new UsageException("-pidfile " + path + (Files.isDirectory(path) ? ": is a directory; name a file"
                : ": cannot be written; is its folder there, and may you write to it?"), cause);
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            log(e);
        }
    }

    /** A device such as /dev/null stays. */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            if (Files.isRegularFile(path)) {
                Files.delete(path);
            }
        } catch (IOException e) {
            log(e);
        }
        closeChannel();
    }

    private static void log(IOException e) {
        System.getLogger("jkvm.app").log(System.Logger.Level.DEBUG, "pidfile not removed", e);
    }
}
