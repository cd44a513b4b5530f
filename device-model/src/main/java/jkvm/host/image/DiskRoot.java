package jkvm.host.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.StampedLock;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.Extent;
import jkvm.host.disk.ForwardingDisk;

/**
 * A disk as its one user has it, a device or a job: the graph puts another image under it while its requests are held
 * back. Closing it does nothing: {@link BlockGraph#detach} ends its use.
 *
 * <p>Lock: read by each request, written by the graph for a change.
 */
public final class DiskRoot extends ForwardingDisk {
    private static final WriteWatch NOBODY = new WriteWatch() { };

    private final String user;
    private final StampedLock lock = new StampedLock();
    /** Guarded by the graph. */
    private BlockNode node;
    private WriteWatch watch = NOBODY;

    DiskRoot(String user, BlockNode node) {
        super(node.image());
        this.user = user;
        this.node = node;
    }

    /** The name of the drive that has it; empty for a block node's device and for a job. */
    public String user() {
        return user;
    }

    /** The node at this moment. */
    public BlockNode node() {
        return node;
    }

    /** With requests held back. */
    void to(BlockNode next) {
        node = next;
        inner = next.image();
    }

    /**
     * With requests held back.
     *
     * @param next null for none
     */
    void watchBy(WriteWatch next) {
        watch = next == null ? NOBODY : next;
    }

    /** Waits for the requests in progress, and holds others back. */
    long hold() {
        return lock.writeLock();
    }

    void letGo(long stamp) {
        lock.unlockWrite(stamp);
    }

    @Override
    public void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        long stamp = lock.readLock();
        try {
            inner.read(offset, memory, at, length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    @Override
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        long stamp = lock.readLock();
        try {
            watch.writing(offset, length);
            inner.write(offset, memory, at, length);
        } finally {
            watch.written(offset, length);
            lock.unlockRead(stamp);
        }
    }

    @Override
    public void writeCompressed(long offset, MemorySegment from) throws IOException {
        long stamp = lock.readLock();
        try {
            watch.writing(offset, from.byteSize());
            inner.writeCompressed(offset, from);
        } finally {
            watch.written(offset, from.byteSize());
            lock.unlockRead(stamp);
        }
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        long stamp = lock.readLock();
        try {
            watch.writing(offset, length);
            inner.discard(offset, length);
        } finally {
            watch.written(offset, length);
            lock.unlockRead(stamp);
        }
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        long stamp = lock.readLock();
        try {
            watch.writing(offset, length);
            inner.writeZeroes(offset, length, mayUnmap);
        } finally {
            watch.written(offset, length);
            lock.unlockRead(stamp);
        }
    }

    @Override
    public void flush() throws IOException {
        long stamp = lock.readLock();
        try {
            inner.flush();
        } finally {
            lock.unlockRead(stamp);
        }
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        long stamp = lock.readLock();
        try {
            return inner.extent(offset, length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    @Override
    public BlockStatus status(long offset, long length) throws IOException {
        long stamp = lock.readLock();
        try {
            return inner.status(offset, length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** As {@link BlockStatus#inChain}. */
    public BlockStatus statusInChain(long offset, long length) throws IOException {
        long stamp = lock.readLock();
        try {
            return BlockStatus.inChain(inner, offset, length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    @Override
    public void close() {
        // The graph closes what nobody uses any more.
    }
}
