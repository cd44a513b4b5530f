package jkvm.host.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ForwardingDisk;

/** A disk that another machine has: it looks like the one that this machine will get, and takes no writes. */
final class LeftDisk extends ForwardingDisk {
    LeftDisk(DiskImage inner) {
        super(inner);
    }

    private IOException away() {
        return new IOException(name() + " is with another machine");
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        throw away();
    }

    @Override
    public void writeCompressed(long offset, MemorySegment from) throws IOException {
        throw away();
    }

    @Override
    public void makeEmpty() throws IOException {
        throw away();
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        throw away();
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        throw away();
    }

    @Override
    public void flush() {
        // Nothing was written since the other machine got it.
    }
}
