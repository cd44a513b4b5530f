package jkvm.host.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A file that hands all on to another one. Subclasses change what is to be different. */
public abstract class ForwardingFile implements BlockFile {
    /** Where all goes. */
    protected final BlockFile file;

    /** @param file closed with this one */
    protected ForwardingFile(BlockFile file) {
        this.file = file;
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public boolean hasFixedSize() {
        return file.hasFixedSize();
    }

    @Override
    public long allocated() throws IOException {
        return file.allocated();
    }

    @Override
    public long read(long position, MemorySegment memory, long at, long length) throws IOException {
        return file.read(position, memory, at, length);
    }

    @Override
    public void write(long position, MemorySegment memory, long at, long length) throws IOException {
        file.write(position, memory, at, length);
    }

    @Override
    public void flush() throws IOException {
        file.flush();
    }

    @Override
    public void truncate(long size) throws IOException {
        file.truncate(size);
    }

    @Override
    public void punch(long position, long length) throws IOException {
        file.punch(position, length);
    }

    @Override
    public boolean zero(long position, long length, boolean mayUnmap) throws IOException {
        return file.zero(position, length, mayUnmap);
    }

    @Override
    public boolean reserve(long position, long length) throws IOException {
        return file.reserve(position, length);
    }

    @Override
    public void access(Access access, boolean takesLocks) throws IOException {
        file.access(access, takesLocks);
    }

    @Override
    public Extent extent(long position, long length) throws IOException {
        return file.extent(position, length);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
