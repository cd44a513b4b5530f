package jkvm.host.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A disk that does all by another one, which is closed with it; a subclass does some of it differently. */
public abstract class ForwardingDisk implements DiskImage {
    /** The other disk. A subclass that changes it sees to it that no request is in progress. */
    protected DiskImage inner;

    /** @param inner does all */
    protected ForwardingDisk(DiskImage inner) {
        this.inner = inner;
    }

    @Override
    public long capacity() {
        return inner.capacity();
    }

    @Override
    public int blockSize() {
        return inner.blockSize();
    }

    @Override
    public ImageFormat format() {
        return inner.format();
    }

    @Override
    public boolean isReadOnly() {
        return inner.isReadOnly();
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        inner.read(offset, memory, at, length);
    }

    @Override
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        inner.write(offset, memory, at, length);
    }

    @Override
    public boolean canCompress() {
        return inner.canCompress();
    }

    @Override
    public boolean needsCompressedWrites() {
        return inner.needsCompressedWrites();
    }

    @Override
    public void writeCompressed(long offset, MemorySegment from) throws IOException {
        inner.writeCompressed(offset, from);
    }

    @Override
    public void makeEmpty() throws IOException {
        inner.makeEmpty();
    }

    @Override
    public void flush() throws IOException {
        inner.flush();
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        inner.discard(offset, length);
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        inner.writeZeroes(offset, length, mayUnmap);
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        return inner.extent(offset, length);
    }

    @Override
    public BlockStatus status(long offset, long length) throws IOException {
        return inner.status(offset, length);
    }

    @Override
    public DiskImage backing() {
        return inner.backing();
    }

    @Override
    public Optional<DiskSnapshots> snapshots() {
        return inner.snapshots();
    }

    @Override
    public void close() throws IOException {
        inner.close();
    }
}
