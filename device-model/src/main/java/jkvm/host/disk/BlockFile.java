package jkvm.host.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jkvm.linux.Fd;

/** The file under an image format. Any thread may call. Calls complete whole ranges or throw. */
public interface BlockFile extends AutoCloseable {
    /** The largest piece in which {@link #writeZeros} writes. */
    int ZERO_CHUNK = 2 << 20;

    /** The answer of {@link #allocated} where that cannot be known. */
    long UNKNOWN = -1;

    /** Its name, for messages. */
    String name();

    /** Its size now, in bytes. */
    long size() throws IOException;

    /** True for a block device: it does not grow, and what was never written there is not zeros. */
    boolean hasFixedSize();

    /** Bytes that it takes on the host, or {@link #UNKNOWN}. */
    long allocated() throws IOException;

    /**
     * Reads {@code length} bytes into {@code memory}, from its byte {@code at} on, or as far as the file goes.
     *
     * @return how many bytes were read
     */
    long read(long position, MemorySegment memory, long at, long length) throws IOException;

    /**
     * Reads until {@code to} is full or the file ends.
     *
     * @return how many bytes were read
     */
    default long read(long position, MemorySegment to) throws IOException {
        return read(position, to, 0, to.byteSize());
    }

    /** Writes {@code length} bytes of {@code memory}, from its byte {@code at} on; the file grows as needed. */
    void write(long position, MemorySegment memory, long at, long length) throws IOException;

    /** Writes all of {@code from}; the file grows as needed. */
    default void write(long position, MemorySegment from) throws IOException {
        write(position, from, 0, from.byteSize());
    }

    /** Writes zeros; the file grows as needed. */
    default void writeZeros(long position, long length) throws IOException {
        if (length <= 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = arena.allocate(Math.min(ZERO_CHUNK, length), Fd.DIRECT_ALIGNMENT);
            for (long done = 0; done < length; done += zeros.byteSize()) {
                write(position + done, zeros, 0, Math.min(zeros.byteSize(), length - done));
            }
        }
    }

    /** Makes all writes that have returned durable. Once it has failed in the kernel it fails for ever. */
    void flush() throws IOException;

    /** Makes the file as long as this. If its size is fixed, nothing happens but that too large a size is refused. */
    void truncate(long size) throws IOException;

    /** Gives the range's space back if the host can: it reads as zeros or as before. The size does not change. */
    void punch(long position, long length) throws IOException;

    /**
     * Makes a range within the file zeros without writing them. @return false if the host cannot: nothing is changed
     */
    boolean zero(long position, long length, boolean mayUnmap) throws IOException;

    /** Makes a range within the file zeros: by {@link #zero}, or by writing where the host cannot. */
    default void makeZero(long position, long length, boolean mayUnmap) throws IOException {
        if (length > 0 && !zero(position, length, mayUnmap)) {
            writeZeros(position, length);
        }
    }

    /**
     * Takes room on the host for a range, which keeps its content; the file grows as needed.
     *
     * @return false if the host cannot do so without writing: nothing is changed
     */
    default boolean reserve(long position, long length) throws IOException {
        return false;
    }

    /** How a file is used: which locks it holds, and whether it is open for writing. */
    enum Access {
        /** By nobody: without locks. */
        NONE,
        READ,
        WRITE
    }

    /**
     * Changes how the file is used, while no request is in progress.
     *
     * @param takesLocks false leaves the file without locks
     * @throws IOException if another user's lock forbids it, or the file cannot be written; nothing has changed
     */
    default void access(Access access, boolean takesLocks) throws IOException {
        // Most files have no locks, and are open for writing.
    }

    /** Whether the bytes from {@code position} on, within the file, are a hole. */
    Extent extent(long position, long length) throws IOException;

    @Override
    void close() throws IOException;
}
