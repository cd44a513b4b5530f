package jkvm.virtio.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A disk's content. Any thread may call, several at once. Ranges lie within the capacity; each method completes the
 * whole range or throws. After an exception the range's content is undefined and the request may be tried again.
 */
public interface BlockBackend {

    /** In bytes, a multiple of 512; fixed. */
    long capacity();

    boolean isReadOnly();

    /** Fills {@code to} from the bytes at {@code offset}. */
    void read(long offset, MemorySegment to) throws IOException;

    /** Writes all of {@code from} at {@code offset}. */
    void write(long offset, MemorySegment from) throws IOException;

    /** Makes all writes that have returned survive a loss of power. */
    void flush() throws IOException;

    /** A hint that the content is not needed any more. */
    void discard(long offset, long length) throws IOException;

    /** Makes the range read as zeros. @param mayUnmap whether the space may be given back */
    void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException;
}
