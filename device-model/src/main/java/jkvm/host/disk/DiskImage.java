package jkvm.host.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A disk's content at byte addresses.
 *
 * <p>Threads: any thread may call anything at any time but {@link #close()}, which waits for no one: the caller ends
 * its requests first. Requests run side by side where the format allows it. As on a real disk, two requests to the same
 * bytes at the same time leave either's data, and only {@link #flush()} orders and saves: it covers the writes that had
 * returned before it was called.
 *
 * <p>Each method completes the whole range or throws: short transfers of the host are continued, interrupted calls
 * repeated. After an {@link IOException} the range of that request is undefined (old, new or mixed bytes), the image
 * remains consistent, and the request may be tried again. A flush that failed in the kernel makes all later flushes
 * fail: the kernel may have dropped the data.
 *
 * <p>Segments may be native or on the heap and have to stay alive until the call returns. A range outside the capacity
 * throws {@link IndexOutOfBoundsException}, a write to a read-only image {@link IllegalStateException}. A read or a
 * write of native memory that finds its data in place makes no object.
 */
public interface DiskImage extends AutoCloseable {
    /** The size of a sector: capacity is a multiple of it. Offsets and lengths may be any, whole sectors are faster. */
    int SECTOR_SIZE = 512;

    /** In bytes; fixed while the image is open. */
    long capacity();

    /** The unit in which the image takes and gives back space, in bytes: a discard of less does nothing. */
    int blockSize();

    ImageFormat format();

    boolean isReadOnly();

    /** The file's name, for messages. */
    String name();

    /** Reads {@code length} bytes at {@code offset} into {@code memory}, from its byte {@code at} on. */
    void read(long offset, MemorySegment memory, long at, long length) throws IOException;

    /** Fills {@code to} from the bytes at {@code offset}. */
    default void read(long offset, MemorySegment to) throws IOException {
        read(offset, to, 0, to.byteSize());
    }

    /** Writes {@code length} bytes of {@code memory}, from its byte {@code at} on, at {@code offset}. */
    void write(long offset, MemorySegment memory, long at, long length) throws IOException;

    /** Writes all of {@code from} at {@code offset}. */
    default void write(long offset, MemorySegment from) throws IOException {
        write(offset, from, 0, from.byteSize());
    }

    /** Whether {@link #writeCompressed} works here. */
    default boolean canCompress() {
        return false;
    }

    /** Whether data can be written by {@link #writeCompressed} only, or once for each block. */
    default boolean needsCompressedWrites() {
        return false;
    }

    /**
     * Writes whole blocks, each compressed where that makes it smaller. Several threads that write different blocks
     * compress side by side. Blocks that were written before are replaced; their space is free after a flush.
     *
     * @param offset a multiple of {@link #blockSize()}; the range ends at such a multiple too, or with the disk
     * @throws IllegalArgumentException      if the range is not one of whole blocks
     * @throws UnsupportedOperationException if the image holds no compressed data: {@link #canCompress} says so
     */
    default void writeCompressed(long offset, MemorySegment from) throws IOException {
        throw new UnsupportedOperationException(name() + " holds no compressed data");
    }

    /**
     * Gives up all that is written, so that the backing image shows everywhere.
     *
     * @throws UnsupportedOperationException if the format cannot do so
     */
    default void makeEmpty() throws IOException {
        throw new UnsupportedOperationException(format().text());
    }

    /** Makes all writes that have returned survive a loss of power. */
    void flush() throws IOException;

    /** A hint that the content is not needed: it reads as zeros or as before afterwards. */
    void discard(long offset, long length) throws IOException;

    /**
     * Makes the range read as zeros.
     *
     * @param mayUnmap whether the space may be given back
     */
    void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException;

    /**
     * Whether the bytes from {@code offset} on are known to be zeros, without reading them. The answer counts backing
     * images in, and reaches as far as is cheap to know.
     */
    Extent extent(long offset, long length) throws IOException;

    /**
     * How the bytes from {@code offset} on are stored in this image itself: what its backing image has is unallocated,
     * and known to be zeros if that ends before {@code offset} or there is none.
     */
    default BlockStatus status(long offset, long length) throws IOException {
        Extent extent = extent(offset, length);
        return extent.zero() ? BlockStatus.zeros(extent.length()) : BlockStatus.data(extent.length());
    }

    /** The image that shows through where this one has nothing; null if there is none. It is closed with this one. */
    default DiskImage backing() {
        return null;
    }

    /** The internal snapshots that the image keeps; empty for a format without. A read-only image changes none. */
    default Optional<DiskSnapshots> snapshots() {
        return Optional.empty();
    }

    /**
     * Writes what is cached into the file and frees the file and its lock, even if it throws; only {@link #flush()}
     * before it promises that all data has reached the disk. A second call does nothing.
     */
    @Override
    void close() throws IOException;
}
