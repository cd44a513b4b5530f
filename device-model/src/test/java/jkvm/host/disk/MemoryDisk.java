package jkvm.host.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A disk in an array that remembers what was asked of it, and fails on demand. */
public final class MemoryDisk implements DiskImage {
    public final byte[] content;
    public final List<String> calls = new ArrayList<>();
    public boolean readOnly;
    public boolean failing;
    public Runnable inRead = () -> { };

    public MemoryDisk(int sectors) {
        content = new byte[sectors * 512];
    }

    private void called(String call) throws IOException {
        calls.add(call);
        if (failing) {
            throw new IOException("no space left on device");
        }
    }

    @Override
    public long capacity() {
        return content.length;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        called("read");
        inRead.run();
        MemorySegment.copy(MemorySegment.ofArray(content), offset, memory, at, length);
    }

    @Override
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        called("write");
        MemorySegment.copy(memory, at, MemorySegment.ofArray(content), offset, length);
    }

    @Override
    public void flush() throws IOException {
        called("flush");
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        called("discard %d+%d".formatted(offset, length));
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        called("zero %d+%d%s".formatted(offset, length, mayUnmap ? " unmap" : ""));
    }

    @Override
    public int blockSize() {
        return SECTOR_SIZE;
    }

    @Override
    public ImageFormat format() {
        return ImageFormat.RAW;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public Extent extent(long offset, long length) {
        throw new UnsupportedOperationException("not asked for by devices");
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
