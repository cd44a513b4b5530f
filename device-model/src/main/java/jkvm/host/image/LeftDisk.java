package jkvm.host.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.Optional;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskSnapshots;
import jkvm.host.disk.ForwardingDisk;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.NewSnapshot;

/** A disk that another machine has: it looks like the one that this machine will get, and takes no writes. */
final class LeftDisk extends ForwardingDisk {
    LeftDisk(DiskImage inner) {
        super(inner);
    }

    private IOException away() {
        return new IOException(name() + " is with another machine");
    }

    @Override
    public Optional<DiskSnapshots> snapshots() {
        return inner.snapshots().map(_ -> new LeftSnapshots());
    }

    /** The other machine may change them. */
    private final class LeftSnapshots implements DiskSnapshots {
        @Override
        public List<InternalSnapshot> list() throws IOException {
            throw away();
        }

        @Override
        public InternalSnapshot create(NewSnapshot snapshot, Optional<StateSource> state) throws IOException {
            throw away();
        }

        @Override
        public void apply(InternalSnapshot snapshot, Step before) throws IOException {
            throw away();
        }

        @Override
        public void delete(InternalSnapshot snapshot) throws IOException {
            throw away();
        }

        @Override
        public ReadableByteChannel state(InternalSnapshot snapshot) throws IOException {
            throw away();
        }
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
