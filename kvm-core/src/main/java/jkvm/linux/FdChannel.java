package jkvm.linux;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ByteChannel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A descriptor as a channel that blocks: a socket, a pipe, a file. One thread may read while another writes;
 * {@link #close()} on a third one ends both with an {@link AsynchronousCloseException}. The descriptor is made
 * non-blocking, also for other processes that share its open file.
 */
public final class FdChannel implements ByteChannel {
    private static final int F_GETFL = 3, F_SETFL = 4;
    private static final int COPY_SIZE = 1 << 16;

    private final Fd fd;
    private final EventFd wake;
    private final Direction input;
    private final Direction output;
    /** Threads in a call. The last one frees the event after {@link #close()}. */
    private final AtomicInteger users = new AtomicInteger();
    private volatile boolean isClosed;

    /** The one or the other direction: its thread's own. */
    private static final class Direction {
        final boolean isRead;
        final Poll poll;
        private ByteBuffer copy;

        Direction(boolean isRead, Poll poll) {
            this.isRead = isRead;
            this.poll = poll;
        }

        /** Native memory for the bytes of a buffer on the heap. */
        ByteBuffer copy() {
            if (copy == null) {
                copy = ByteBuffer.allocateDirect(COPY_SIZE);
            }
            return copy;
        }
    }

    /** @param fd closed with the channel */
    public FdChannel(Fd fd) {
        this.fd = fd;
        wake = EventFd.nonBlocking(fd.syscalls());
        input = new Direction(true, new Poll(fd, wake));
        output = new Direction(false, new Poll(fd, wake));
        long flags = fd.control(F_GETFL, 0);
        if (!Syscalls.isError(flags)) {
            fd.control(F_SETFL, flags | Fd.O_NONBLOCK);
        }
    }

    /** Whether the other side can answer: the descriptor is a socket. */
    public boolean isTwoWay() {
        try {
            return !SocketFd.isListening(fd);
        } catch (LinuxException _) {
            return false;
        }
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        return transfer(to, input);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        return transfer(from, output);
    }

    private int transfer(ByteBuffer buffer, Direction direction) throws IOException {
        int position = buffer.position();
        int count;
        if (buffer.isDirect()) {
            count = transfer(MemorySegment.ofBuffer(buffer).address(), buffer.remaining(), direction);
            Reference.reachabilityFence(buffer);
        } else {
            int length = Math.min(buffer.remaining(), COPY_SIZE);
            ByteBuffer copy = direction.copy();
            if (!direction.isRead) {
                copy.put(0, buffer, position, length);
            }
            count = transfer(MemorySegment.ofBuffer(copy).address(), length, direction);
            if (direction.isRead && count > 0) {
                buffer.put(position, copy, 0, count);
            }
        }
        buffer.position(position + Math.max(count, 0));
        return count;
    }

    private int transfer(long address, int length, Direction direction) throws IOException {
        if (length == 0) {
            return 0;
        }
        users.incrementAndGet();
        try {
            while (true) {
                if (isClosed) {
                    throw new AsynchronousCloseException();
                }
                long result = direction.isRead ? fd.read(address, length) : fd.write(address, length);
                if (!Syscalls.isError(result)) {
                    return direction.isRead && result == 0 ? -1 : (int) result;
                }
                if (result == -Errno.EAGAIN.code()) {
                    direction.poll.await(direction.isRead ? Poll.IN : Poll.OUT, Poll.FOREVER);
                } else if (result != -Errno.EINTR.code()) {
                    throw new IOException(Errno.of((int) -result).text());
                }
            }
        } catch (IllegalStateException _) {
            throw new AsynchronousCloseException();
        } finally {
            users.decrementAndGet();
            closeWake();
        }
    }

    private void closeWake() {
        if (isClosed && users.get() == 0) {
            wake.close();
        }
    }

    @Override
    public boolean isOpen() {
        return !isClosed;
    }

    @Override
    public synchronized void close() {
        if (!isClosed) {
            isClosed = true;
            wake.signal();
            fd.close();
            closeWake();
        }
    }
}
