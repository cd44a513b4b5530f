package jkvm.host.disk.luks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Extent;

/** A file that threads may share, over one that they may not. */
final class SharedFile implements BlockFile {
    private final BlockFile file;

    SharedFile(BlockFile file) {
        this.file = file;
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public synchronized long size() throws IOException {
        return file.size();
    }

    @Override
    public boolean hasFixedSize() {
        return file.hasFixedSize();
    }

    @Override
    public synchronized long allocated() throws IOException {
        return file.allocated();
    }

    @Override
    public synchronized long read(long position, MemorySegment memory, long at, long length) throws IOException {
        return file.read(position, memory, at, length);
    }

    @Override
    public synchronized void write(long position, MemorySegment memory, long at, long length) throws IOException {
        file.write(position, memory, at, length);
    }

    @Override
    public synchronized void flush() throws IOException {
        file.flush();
    }

    @Override
    public synchronized void truncate(long size) throws IOException {
        file.truncate(size);
    }

    @Override
    public synchronized void punch(long position, long length) throws IOException {
        file.punch(position, length);
    }

    @Override
    public synchronized boolean zero(long position, long length, boolean mayUnmap) throws IOException {
        return file.zero(position, length, mayUnmap);
    }

    @Override
    public synchronized Extent extent(long position, long length) throws IOException {
        return file.extent(position, length);
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }
}
