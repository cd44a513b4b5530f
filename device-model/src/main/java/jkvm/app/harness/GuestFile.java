package jkvm.app.harness;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import jkvm.app.options.UsageException;
import jkvm.memory.GuestMemory;

/** Loads one file into guest memory, refusing in one line what cannot be loaded. */
final class GuestFile {
    private final Path path;

    GuestFile(Path path) {
        this.path = path;
    }

    /**
     * Reads the whole file to {@code address}.
     *
     * @param limit largest size in bytes; the memory there must be that large
     * @return the file's size
     * @throws UsageException if it is missing, no regular file, empty, larger than the limit, or unreadable
     */
    long load(GuestMemory memory, long address, long limit) {
        if (path.toString().isEmpty()) {
            throw new UsageException("guest file name is empty: name the file to load at 0x%x"
                    .formatted(address));
        }
        if (Files.isDirectory(path)) {
            throw new UsageException("guest file " + path + " is a directory: name a flat image");
        }
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new UsageException("guest file " + path + " is a pipe or a device: "
                    + "copy it to a regular file first");
        }
        try (FileChannel channel = FileChannel.open(path)) {
            long size = channel.size();
            if (size == 0) {
                throw new UsageException("guest file " + path + " is empty: name a flat image");
            }
            if (size > limit) {
                throw new UsageException("guest file %s is too large: %d bytes, at 0x%x there is room for %d"
                        .formatted(path, size, address, limit));
            }
            ByteBuffer target = memory.slice(address, size).asByteBuffer();
            while (target.hasRemaining()) {
                if (channel.read(target) < 0) {
                    throw new UsageException("guest file " + path
                            + " became shorter while it was read: try again");
                }
            }
            return size;
        } catch (NoSuchFileException e) {
            throw new UsageException("guest file " + path + " does not exist", e);
        } catch (IOException e) {
            throw new UsageException("guest file " + path + " cannot be read: " + reason(e), e);
        }
    }

    private String reason(IOException e) {
        return e instanceof AccessDeniedException ? "permission denied" : e.getMessage();
    }
}
