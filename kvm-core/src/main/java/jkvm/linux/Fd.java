package jkvm.linux;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file descriptor. Calls may come from any thread. {@link #close()} may race with them: the descriptor's number
 * is given back to the kernel when the last call that uses it has returned, so that no call ever reaches a descriptor
 * that has been opened anew under the same number. Closing twice does nothing; use after close throws
 * {@link IllegalStateException}.
 */
public final class Fd implements AutoCloseable {
    /** Flags of {@code open(2)}. */
    public static final int O_RDONLY = 0, O_RDWR = 2, O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000;
    /** More flags of {@code open(2)}, for files. */
    public static final int O_CREAT = 0x40, O_EXCL = 0x80, O_TRUNC = 0x200, O_DIRECT = 0x4000;
    /** The alignment of positions, lengths and addresses for files open with O_DIRECT: enough for any disk. */
    public static final int DIRECT_ALIGNMENT = 4096;
    private static final int SEEK_END = 2, SEEK_DATA = 3, SEEK_HOLE = 4;
    private static final int FALLOC_KEEP_SIZE = 1, FALLOC_PUNCH_HOLE = 2, FALLOC_ZERO_RANGE = 16;
    private static final int DEFAULT_MODE = 0644;
    private static final int CLOSED = 1 << 31;

    private final Syscalls syscalls;
    private final int number;
    private final String name;
    /** Users of the descriptor at the moment, and {@link #CLOSED} once close was called. */
    private final AtomicInteger users = new AtomicInteger();

    /**
     * @param number an open descriptor; this object owns it from now on
     * @param name   what it is, for messages
     */
    public Fd(Syscalls syscalls, int number, String name) {
        this.syscalls = syscalls;
        this.number = number;
        this.name = name;
    }

    /**
     * Opens a file; one that is created is writable by its owner and readable by all, less the umask.
     *
     * @throws LinuxException if the kernel refuses
     */
    public static Fd open(Syscalls syscalls, String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            long result = syscalls.call(SyscallNumber.OPEN, arena.allocateFrom(path).address(), flags | O_CLOEXEC,
                    DEFAULT_MODE, 0, 0, 0);
            if (Syscalls.isError(result)) {
                throw new LinuxException("open " + path, (int) -result);
            }
            return new Fd(syscalls, (int) result, path);
        }
    }

    /**
     * Makes another number stand for the same open file: that of a standard stream, which the process has anyway.
     *
     * @throws LinuxException if the kernel refuses
     */
    public void standFor(int other) {
        long result = syscalls.call(SyscallNumber.DUP2, number(), other, 0, 0, 0, 0);
        if (Syscalls.isError(result)) {
            throw new LinuxException("dup2 " + name, (int) -result);
        }
    }

    /** The descriptor's name, for messages. */
    public String name() {
        return name;
    }

    /** The system calls that this descriptor was opened with. */
    public Syscalls syscalls() {
        return syscalls;
    }

    /**
     * The number, to hand to the kernel inside another call's struct.
     *
     * @throws IllegalStateException if closed
     */
    public int number() {
        if (isClosed()) {
            throw closed();
        }
        return number;
    }

    public boolean isClosed() {
        return users.get() < 0;
    }

    /**
     * {@code ioctl(2)}, its result raw.
     *
     * @param argument an integer or the address of a struct
     * @return the kernel's result, a negated errno if it failed
     * @throws IllegalStateException if closed
     */
    public long tryIoctl(long request, long argument) {
        acquire();
        try {
            return syscalls.ioctl(number, request, argument);
        } finally {
            release();
        }
    }

    /**
     * {@code ioctl(2)}, checked.
     *
     * @param callName the request's name, for the exception
     * @throws LinuxException        if the kernel refuses
     * @throws IllegalStateException if closed
     */
    public long ioctl(String callName, long request, long argument) {
        long result = tryIoctl(request, argument);
        if (Syscalls.isError(result)) {
            throw new LinuxException(callName, (int) -result);
        }
        return result;
    }

    /** {@code read(2)}; the result raw, a negated errno if it failed. */
    public long read(long address, long size) {
        return transfer(SyscallNumber.READ, address, size, 0);
    }

    /** {@code pread64(2)}; the result raw, a negated errno if it failed. */
    public long read(long address, long size, long position) {
        acquire();
        try {
            return syscalls.call(SyscallNumber.PREAD64, number, address, size, position, 0, 0);
        } finally {
            release();
        }
    }

    /** {@code write(2)}; the result raw, a negated errno if it failed. */
    public long write(long address, long size) {
        return transfer(SyscallNumber.WRITE, address, size, 0);
    }

    /** {@code pwrite64(2)}; the result raw, a negated errno if it failed. */
    public long write(long address, long size, long position) {
        acquire();
        try {
            return syscalls.call(SyscallNumber.PWRITE64, number, address, size, position, 0, 0);
        } finally {
            release();
        }
    }

    /** {@code fdatasync(2)}; zero, or a negated errno. */
    public long dataSync() {
        return transfer(SyscallNumber.FDATASYNC, 0, 0, 0);
    }

    /** {@code fsync(2)}, for folders too; zero, or a negated errno. */
    public long sync() {
        return transfer(SyscallNumber.FSYNC, 0, 0, 0);
    }

    /** {@code ftruncate(2)}; zero, or a negated errno. */
    public long truncate(long size) {
        return transfer(SyscallNumber.FTRUNCATE, size, 0, 0);
    }

    /** Frees a range of a file, which reads as zeroes then ({@code fallocate(2)}); zero, or a negated errno. */
    public long punchHole(long position, long length) {
        return transfer(SyscallNumber.FALLOCATE, FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE, position, length);
    }

    /** Takes room for a range of a file, which keeps what it holds ({@code fallocate(2)}); zero, or a negated errno. */
    public long reserve(long position, long length) {
        return transfer(SyscallNumber.FALLOCATE, 0, position, length);
    }

    /** Makes a range of a file zeroes without writing them ({@code fallocate(2)}); zero, or a negated errno. */
    public long zeroRange(long position, long length) {
        return transfer(SyscallNumber.FALLOCATE, FALLOC_ZERO_RANGE | FALLOC_KEEP_SIZE, position, length);
    }

    /** The size of a file or block device ({@code lseek(2)}), or a negated errno. */
    public long size() {
        return transfer(SyscallNumber.LSEEK, 0, SEEK_END, 0);
    }

    /** Where the file's next data begins, from {@code position} on, or a negated errno: ENXIO if there is none. */
    public long nextData(long position) {
        return transfer(SyscallNumber.LSEEK, position, SEEK_DATA, 0);
    }

    /** Where the file's next hole begins, from {@code position} on, or a negated errno; its end counts as one. */
    public long nextHole(long position) {
        return transfer(SyscallNumber.LSEEK, position, SEEK_HOLE, 0);
    }

    /** {@code fcntl(2)} with an integer or the address of a struct; the result raw, a negated errno if it failed. */
    long control(int command, long argument) {
        return transfer(SyscallNumber.FCNTL, command, argument, 0);
    }

    /** {@code recvmsg(2)} with the address of a struct msghdr; the result raw, a negated errno if it failed. */
    long receiveMessage(long message, long flags) {
        return transfer(SyscallNumber.RECVMSG, message, flags, 0);
    }

    /** {@code sendmsg(2)}, as {@link #receiveMessage}. */
    long sendMessage(long message, long flags) {
        return transfer(SyscallNumber.SENDMSG, message, flags, 0);
    }

    /** {@code fstat(2)} into 144 bytes at {@code address} (struct stat of asm/stat.h); zero, or a negated errno. */
    long status(long address) {
        return transfer(SyscallNumber.FSTAT, address, 0, 0);
    }

    private long transfer(long call, long a1, long a2, long a3) {
        acquire();
        try {
            return syscalls.call(call, number, a1, a2, a3, 0, 0);
        } finally {
            release();
        }
    }

    private void acquire() {
        if (users.incrementAndGet() < 0) {
            release();
            throw closed();
        }
    }

    private void release() {
        if (users.decrementAndGet() == CLOSED) {
            closeNow();
        }
    }

    @Override
    public void close() {
        int before = users.getAndUpdate(count -> count | CLOSED);
        if (before == 0) {
            closeNow();
        }
    }

    private void closeNow() {
        // A late acquire() that fails would bring the count back to CLOSED and close the number a second time.
        if (users.compareAndSet(CLOSED, CLOSED | 1 << 30)) {
            syscalls.call(SyscallNumber.CLOSE, number, 0, 0, 0, 0, 0);
        }
    }

    private IllegalStateException closed() {
        return new IllegalStateException(name + " is closed");
    }

    @Override
    public String toString() {
        return name + " (fd " + number + (isClosed() ? ", closed)" : ")");
    }
}
