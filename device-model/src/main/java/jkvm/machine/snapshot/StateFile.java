package jkvm.machine.snapshot;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import jkvm.linux.Errno;
import jkvm.linux.Fd;
import jkvm.linux.Syscalls;

/** A regular file as a channel with a position that may be set past its end: what is left out is a hole. */
final class StateFile implements ByteChannel {
    private static final int COPY = 1 << 16;

    private final Fd fd;
    private final MemorySegment copy = Arena.ofAuto().allocate(COPY);
    private long position;

    /** @param fd closed with this */
    StateFile(Fd fd) {
        this.fd = fd;
    }

    Fd fd() {
        return fd;
    }

    long position() {
        return position;
    }

    void position(long newPosition) {
        position = newPosition;
    }

    long size() throws IOException {
        return checked(fd.size());
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        int most = Math.min(to.remaining(), COPY);
        int count = (int) checked(fd.read(copy.address(), most, position));
        to.put(copy.asByteBuffer().limit(count));
        position += count;
        return count == 0 && most > 0 ? -1 : count;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        int count = Math.min(from.remaining(), COPY);
        copy.asByteBuffer().put(from.slice(from.position(), count));
        write(copy.asSlice(0, count));
        from.position(from.position() + count);
        return count;
    }

    /** Writes all of a native memory. */
    void write(MemorySegment from) throws IOException {
        for (long at = 0; at < from.byteSize(); ) {
            long count = checked(fd.write(from.address() + at, from.byteSize() - at, position));
            Reference.reachabilityFence(from);
            if (count == 0) {
                throw new IOException(Errno.ENOSPC.text());
            }
            at += count;
            position += count;
        }
    }

    /** Writes all that was written to the disk. */
    void sync() throws IOException {
        checked(fd.sync());
    }

    private static long checked(long result) throws IOException {
        if (Syscalls.isError(result)) {
            Errno errno = Errno.of((int) -result);
            throw new IOException(errno == Errno.UNKNOWN ? "errno " + -result : errno.text());
        }
        return result;
    }

    @Override
    public boolean isOpen() {
        return !fd.isClosed();
    }

    @Override
    public void close() {
        fd.close();
    }
}
