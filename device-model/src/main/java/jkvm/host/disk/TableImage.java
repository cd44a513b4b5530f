package jkvm.host.disk;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.StampedLock;
import jkvm.linux.Fd;

/**
 * A disk of blocks that tables in the file give a place. Reads, and writes to blocks that have a place, run side by
 * side under the read lock; all that changes tables, and the part of a flush that writes them, holds the write lock.
 *
 * <p>Nothing is written any more once a change has found the tables to be corrupt.
 */
public abstract class TableImage extends FileImage {
    private final StampedLock lock = new StampedLock();
    private volatile CorruptImageException corruption;
    private boolean closed;

    /** As {@link FileImage}'s. */
    protected TableImage(BlockFile file, ImageFormat format, long capacity, boolean readOnly) {
        super(file, format, capacity, readOnly);
    }

    /** Work that is done under a lock, with a number as its result. */
    protected interface Action {
        long run() throws IOException;
    }

    /** Reads a range, under the read lock. */
    protected abstract void readLocked(long offset, MemorySegment memory, long at, long length) throws IOException;

    /** A range is about to be written: refuses that with {@link #checkChange}, or notes it. Holds no lock. */
    protected abstract void beforeChange(long offset, long length) throws IOException;

    /**
     * Writes as far as blocks have a place, under the read lock.
     *
     * @return how many bytes were written
     */
    protected abstract long writeInPlace(long offset, MemorySegment memory, long at, long length) throws IOException;

    /**
     * Gives a first part of a range a place and writes it. Holds no lock, and calls {@link #change}.
     *
     * @return how many bytes were written; zero if they have a place meanwhile
     */
    protected abstract long writeNew(long offset, MemorySegment memory, long at, long length) throws IOException;

    /** Answers {@link #extent}, under the read lock. */
    protected abstract Extent extentLocked(long offset, long length) throws IOException;

    /** Answers {@link #status}, under the read lock. */
    protected abstract BlockStatus statusLocked(long offset, long length) throws IOException;

    /** Whether tables wait to be written. */
    protected abstract boolean isChanged();

    /** Makes data and tables durable, under the write lock. */
    protected abstract void commit() throws IOException;

    /** Makes data durable while no tables wait. */
    protected abstract void flushData() throws IOException;

    /** Writes what is left when the image is closed, under the write lock. */
    protected abstract void finish() throws IOException;

    /** Closes all but the file. */
    protected abstract void closeOthers() throws IOException;

    /** Notes in the file that it is corrupt, where the format has a mark for it. */
    protected void markCorrupt() throws IOException {
    }

    @Override
    public final void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        checkRange(offset, length);
        long stamp = lock.readLock();
        try {
            readLocked(offset, memory, at, length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    @Override
    public final void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        beforeChange(offset, length);
        for (long done = 0; done < length; ) {
            long stamp = lock.readLock();
            try {
                refuseIfCorrupt();
                done += writeInPlace(offset + done, memory, at + done, length - done);
            } catch (CorruptImageException e) {
                throw corrupted(e);
            } finally {
                lock.unlockRead(stamp);
            }
            if (done < length) {
                done += writeNew(offset + done, memory, at + done, length - done);
            }
        }
    }

    /** Writes zeros as data is written. */
    protected final void writeZeroData(long offset, long length) throws IOException {
        if (length <= 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = arena.allocate(Math.min(BlockFile.ZERO_CHUNK, length), Fd.DIRECT_ALIGNMENT);
            for (long done = 0; done < length; done += zeros.byteSize()) {
                write(offset + done, zeros, 0, Math.min(zeros.byteSize(), length - done));
            }
        }
    }

    @Override
    public final Extent extent(long offset, long length) throws IOException {
        checkRange(offset, length);
        long stamp = lock.readLock();
        try {
            return extentLocked(offset, length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    @Override
    public final BlockStatus status(long offset, long length) throws IOException {
        checkRange(offset, length);
        long stamp = lock.readLock();
        try {
            return statusLocked(offset, length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** Looks at tables, under the read lock. */
    protected final long look(Action action) throws IOException {
        long stamp = lock.readLock();
        try {
            return action.run();
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** Changes tables, under the write lock. */
    protected final long change(Action action) throws IOException {
        long stamp = lock.writeLock();
        try {
            refuseIfCorrupt();
            return action.run();
        } catch (CorruptImageException e) {
            throw corrupted(e);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    protected final void refuseIfCorrupt() throws IOException {
        if (corruption != null) {
            throw new IOException(name() + " is corrupt and is not written any more: " + corruption.getMessage(),
                    corruption);
        }
    }

    /** From now on nothing is written but the mark that says so. */
    private CorruptImageException corrupted(CorruptImageException cause) {
        corruption = cause;
        try {
            markCorrupt();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        return cause;
    }

    @Override
    public final void flush() throws IOException {
        if (isReadOnly()) {
            return;
        }
        refuseIfCorrupt();
        if (!isChanged()) {
            flushData();
            return;
        }
        change(() -> {
            commit();
            return 0;
        });
    }

    @Override
    public final void close() throws IOException {
        if (!closed) {
            try (BlockFile _ = file()) {
                closeTables();
            }
        }
    }

    /** Closes all but the file: it stays open, and a later {@link #close} does nothing. */
    public final void closeTables() throws IOException {
        closed = true;
        try (Closeable _ = this::closeOthers) {
            if (!isReadOnly() && corruption == null) {
                change(() -> {
                    finish();
                    return 0;
                });
            }
        }
    }
}
