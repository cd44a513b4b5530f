package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Two descriptors, or one twice, as a stream of bytes whose waiting threads can be called back. One thread may read
 * while another writes. The descriptors stay open when the stream is interrupted or collected.
 */
public final class FdStream implements AutoCloseable {
    /** The most that one call moves; a pipe that poll calls writable takes it without blocking (PIPE_BUF). */
    public static final int MAX_TRANSFER = 4096;
    private static final short POLLIN = 1, POLLOUT = 4, POLLHUP = 16;
    private static final int POLLFD_SIZE = 8, EVENTS_OFFSET = 4, REVENTS_OFFSET = 6;

    private final Syscalls syscalls;
    private final Direction input;
    private final Direction output;
    private final EventFd wake;
    private volatile boolean interrupted;

    /** One descriptor and the memory for its calls, collected with the stream as a call may still be in it. */
    private record Direction(Fd fd, MemorySegment poll, MemorySegment buffer) {
        Direction(Fd fd) {
            this(fd, Arena.ofAuto().allocate(2 * POLLFD_SIZE, 8), Arena.ofAuto().allocate(MAX_TRANSFER));
        }
    }

    public FdStream(Fd input, Fd output) {
        this.syscalls = input.syscalls();
        this.input = new Direction(input);
        this.output = new Direction(output);
        this.wake = EventFd.nonBlocking(syscalls);
    }

    /**
     * Waits for bytes and reads some.
     *
     * @return how many; zero at the end of the input or once interrupted
     * @throws LinuxException if reading fails; EIO from a pseudo-terminal that nobody has open
     */
    public int read(byte[] to, int length) {
        while (await(input, POLLIN, -1) != 0) {
            long result = input.fd.read(input.buffer.address(), Math.min(length, MAX_TRANSFER));
            if (!isRetry(result)) {
                int count = checked(result, "read ", input.fd);
                MemorySegment.copy(input.buffer, ValueLayout.JAVA_BYTE, 0, to, 0, count);
                return count;
            }
        }
        return 0;
    }

    /**
     * Waits for room and writes some bytes.
     *
     * @return how many; zero once interrupted
     * @throws LinuxException if writing fails; EIO for a pseudo-terminal that nobody has open, EPIPE for a broken pipe
     */
    public int write(byte[] from, int offset, int length) {
        int part = Math.min(length, MAX_TRANSFER);
        MemorySegment.copy(from, offset, output.buffer, ValueLayout.JAVA_BYTE, 0, part);
        int events;
        while ((events = await(output, POLLOUT, -1)) != 0) {
            if ((events & POLLHUP) != 0) {
                throw new LinuxException("write " + output.fd.name(), Errno.EIO.code());
            }
            long result = output.fd.write(output.buffer.address(), part);
            if (!isRetry(result)) {
                return checked(result, "write ", output.fd);
            }
        }
        return 0;
    }

    /** True if the input's other side is gone: a closed pipe, a pseudo-terminal that nobody has open. */
    public boolean isHungUp() {
        return (await(input, POLLIN, 0) & POLLHUP) != 0;
    }

    /** True if the output goes to a terminal. */
    public boolean isTerminal() {
        return Terminal.isTerminal(output.fd);
    }

    /** The size of the window of the terminal that the output goes to; empty if it is none, or does not know. */
    public Optional<Terminal.Size> windowSize() {
        return Terminal.size(output.fd);
    }

    /**
     * Waits.
     *
     * @return false if interrupted meanwhile
     */
    public boolean pause(int milliseconds) {
        MemorySegment poll = Arena.ofAuto().allocate(2 * POLLFD_SIZE, 8);
        poll(poll, -1, (short) 0, milliseconds);
        return !interrupted;
    }

    /** Ends what waits in {@link #read} or {@link #write}, and all that comes later. */
    public void interrupt() {
        interrupted = true;
        wake.signal();
    }

    /** Frees the stream; no thread may be in it. The descriptors stay open. */
    @Override
    public void close() {
        wake.close();
    }

    /**
     * Waits for an event.
     *
     * @return the events that poll reports; zero if interrupted or after the timeout
     */
    private int await(Direction direction, short events, int milliseconds) {
        while (!interrupted) {
            int ready = poll(direction.poll, direction.fd.number(), events, milliseconds);
            if (ready != 0 || milliseconds >= 0) {
                return interrupted ? 0 : ready;
            }
        }
        return 0;
    }

    private int poll(MemorySegment poll, int number, short events, int milliseconds) {
        poll.set(ValueLayout.JAVA_INT, 0, number);
        poll.set(ValueLayout.JAVA_SHORT, EVENTS_OFFSET, events);
        poll.set(ValueLayout.JAVA_SHORT, REVENTS_OFFSET, (short) 0);
        poll.set(ValueLayout.JAVA_INT, POLLFD_SIZE, wake.number());
        poll.set(ValueLayout.JAVA_SHORT, POLLFD_SIZE + EVENTS_OFFSET, POLLIN);
        long result = syscalls.call(SyscallNumber.POLL, poll.address(), 2, milliseconds, 0, 0, 0);
        if (Syscalls.isError(result) && !isRetry(result)) {
            throw new LinuxException("poll", (int) -result);
        }
        // POLLERR and POLLNVAL are answered by the call that follows.
        return result > 0 ? poll.get(ValueLayout.JAVA_SHORT, REVENTS_OFFSET) & 0xffff : 0;
    }

    private static boolean isRetry(long result) {
        return result == -Errno.EINTR.code() || result == -Errno.EAGAIN.code();
    }

    private static int checked(long result, String call, Fd fd) {
        if (Syscalls.isError(result)) {
            throw new LinuxException(call + fd.name(), (int) -result);
        }
        return (int) result;
    }
}
