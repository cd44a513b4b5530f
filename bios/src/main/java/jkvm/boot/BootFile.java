package jkvm.boot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import jkvm.boot.BootException.Role;
import jkvm.memory.GuestMemory;

/** A regular file to boot from. All failures are {@link BootException}s that begin with the file's role and path. */
final class BootFile implements AutoCloseable {
    private static final long PIECE = 64L << 20;

    private final Role role;
    private final String path;
    private final FileChannel channel;
    private final long size;

    private BootFile(Role role, String path, FileChannel channel, long size) {
        this.role = role;
        this.path = path;
        this.channel = channel;
        this.size = size;
    }

    /** Opens a file for reading. Never blocks: what is not a regular file is refused before it is opened. */
    static BootFile open(Role role, String path) {
        if (path.isEmpty()) {
            throw failure(role, "", "the path is empty; name a file", null);
        }
        try {
            Path file = Path.of(path);
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (attributes.isDirectory()) {
                throw failure(role, path, "is a directory; name a file", null);
            }
            if (!attributes.isRegularFile()) {
                throw failure(role, path, "is not a regular file; copy its content into one", null);
            }
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            return new BootFile(role, path, channel, attributes.size());
        } catch (NoSuchFileException e) {
            throw failure(role, path, "no such file", e);
        } catch (AccessDeniedException e) {
            throw failure(role, path, "permission denied", e);
        } catch (InvalidPathException e) {
            throw failure(role, "", "not a path: " + e.getReason(), e);
        } catch (IOException e) {
            throw failure(role, path, "cannot be opened: " + e.getMessage(), e);
        }
    }

    long size() {
        return size;
    }

    /** True where {@code [offset, offset + length)} lies in the file; any values may be given. */
    boolean contains(long offset, long length) {
        return offset >= 0 && offset <= size && length >= 0 && length <= size - offset;
    }

    /** Reads a small piece, little-endian, fully. */
    ByteBuffer read(long offset, int length) {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        readFully(buffer, offset);
        return buffer.flip();
    }

    /** Reads from the file right into guest memory, without a copy on the heap. */
    void readInto(GuestMemory memory, long gpa, long offset, long length) {
        for (long done = 0; done < length; done += PIECE) {
            long piece = Math.min(PIECE, length - done);
            readFully(memory.slice(gpa + done, piece).asByteBuffer(), offset + done);
            memory.noteWritten(gpa + done, piece);
        }
    }

    private void readFully(ByteBuffer buffer, long offset) {
        long position = offset;
        try {
            while (buffer.hasRemaining()) {
                int count = channel.read(buffer, position);
                if (count < 0) {
                    throw error("shrank while it was read: no data at byte %d".formatted(position));
                }
                position += count;
            }
        } catch (IOException e) {
            throw failure(role, path, "cannot be read: " + e.getMessage(), e);
        }
    }

    /** A refusal of this file. */
    BootException error(String problem) {
        return error(BootException.Kind.UNUSABLE, problem);
    }

    /** A refusal of this file that has a remedy of its own. */
    BootException error(BootException.Kind kind, String problem) {
        return new BootException(kind, role, path, problem, null);
    }

    private static BootException failure(Role role, String path, String problem, Exception cause) {
        return new BootException(BootException.Kind.UNUSABLE, role, path, problem, cause);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failure(role, path, "cannot be closed: " + e.getMessage(), e);
        }
    }
}
