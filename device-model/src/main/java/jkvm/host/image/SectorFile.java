package jkvm.host.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Extent;

/** The first bytes of a disk as a file that can be read only. */
record SectorFile(byte[] bytes) implements BlockFile {
    @Override
    public String name() {
        return "the first sector";
    }

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public boolean hasFixedSize() {
        return true;
    }

    @Override
    public long allocated() {
        return bytes.length;
    }

    @Override
    public long read(long position, MemorySegment memory, long at, long length) {
        int count = (int) Math.clamp(bytes.length - position, 0, length);
        if (count > 0) {
            MemorySegment.copy(bytes, (int) position, memory, ValueLayout.JAVA_BYTE, at, count);
        }
        return count;
    }

    @Override
    public void write(long position, MemorySegment memory, long at, long length) throws IOException {
        throw new IOException(name() + " is read-only");
    }

    @Override
    public void flush() {
        // Nothing is written.
    }

    @Override
    public void truncate(long size) throws IOException {
        throw new IOException(name() + " is read-only");
    }

    @Override
    public void punch(long position, long length) {
        // Nothing has to be given back.
    }

    @Override
    public boolean zero(long position, long length, boolean mayUnmap) {
        return false;
    }

    @Override
    public Extent extent(long position, long length) {
        return new Extent(length, false);
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
