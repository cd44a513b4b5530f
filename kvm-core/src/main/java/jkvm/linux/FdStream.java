package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Two descriptors, or one twice, as a stream of bytes whose waiting threads can be called back. One thread may read
 * while another writes. The descriptors stay open when the stream is interrupted or collected.
 */
public final class FdStream implements AutoCloseable {
    /** The most that one call moves; a pipe that poll calls writable takes it without blocking (PIPE_BUF). */
    public static final int MAX_TRANSFER = 4096;

    private static final int BACKGROUND_POLL_MILLIS = 200;

    private final Direction input;
    private final Direction output;
    private final EventFd wake;
    private volatile boolean interrupted;

    /** One descriptor and the memory for its calls, collected with the stream as a call may still be in it. */
    private record Direction(Fd fd, Poll poll, MemorySegment buffer) {
        Direction(Fd fd, EventFd wake) {
            this(fd, new Poll(fd, wake), Arena.ofAuto().allocate(MAX_TRANSFER));
        }
    }

    public FdStream(Fd input, Fd output) {
        this.wake = EventFd.nonBlocking(input.syscalls());
        this.input = new Direction(input, wake);
        this.output = new Direction(output, wake);
    }

    /**
     * Waits for bytes and reads some. From a terminal that belongs to another job it reads when this one is in the
     * foreground again: to read before would stop the process.
     *
     * @return how many; zero at the end of the input or once interrupted
     * @throws LinuxException if reading fails; EIO from a pseudo-terminal that nobody has open
     */
    public int read(byte[] to, int length) {
        return read(to, length, input.fd::read);
    }

    /**
     * As {@link #read(byte[], int)}, from a unix socket, with the descriptors that came with the bytes.
     *
     * @param passed owns each descriptor from then on
     */
    public int receive(byte[] to, int length, Consumer<Fd> passed) {
        return read(to, length, (address, size) -> DescriptorPassing.receive(input.fd, address, size, passed));
    }

    /** A system call that reads. */
    @FunctionalInterface
    private interface Reading {
        long read(long address, long size);
    }

    private int read(byte[] to, int length, Reading reading) {
        while (await(input, Poll.IN, Poll.FOREVER) != 0) {
            if (Terminal.isInBackground(input.fd)) {
                pause(BACKGROUND_POLL_MILLIS);
                continue;
            }
            long result = reading.read(input.buffer.address(), Math.min(length, MAX_TRANSFER));
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
        while ((events = await(output, Poll.OUT, Poll.FOREVER)) != 0) {
            if ((events & Poll.HANGUP) != 0) {
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
        return (await(input, Poll.IN, 0) & Poll.HANGUP) != 0;
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
        new Poll(input.fd, wake).await(0, milliseconds);
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
    private int await(Direction direction, int events, int milliseconds) {
        while (!interrupted) {
            // Errors and a descriptor that is none are answered by the call that follows.
            int ready = direction.poll.await(events, milliseconds);
            if (ready != 0 || milliseconds >= 0) {
                return interrupted ? 0 : ready;
            }
        }
        return 0;
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
