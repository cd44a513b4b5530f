package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** Reads a machine's state from a snapshot, from its beginning on. One thread. */
final class VmStateReader implements ReadableByteChannel {
    /** Reads bytes of the state. */
    @FunctionalInterface
    interface Source {
        void read(long position, MemorySegment to) throws IOException;
    }

    private final Source source;
    private final long size;
    private long position;

    VmStateReader(Source source, long size) {
        this.source = source;
        this.size = size;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (position == size) {
            return -1;
        }
        int count = (int) Math.min(target.remaining(), size - position);
        source.read(position, MemorySegment.ofBuffer(target).asSlice(0, count));
        target.position(target.position() + count);
        position += count;
        return count;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // The image is its owner's.
    }
}
