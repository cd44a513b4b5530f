package jkvm.host.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
import java.util.function.LongSupplier;
import jkvm.host.disk.DiskException.Kind;
import jkvm.linux.Errno;
import jkvm.linux.Fd;
import jkvm.linux.FileStatus;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;

/** A file or block device of the host, through pread, pwrite, fallocate and fdatasync. Any thread may call. */
public final class HostFile implements BlockFile {
    private static final int HEAP_CHUNK = 1 << 20;

    /** By which it was opened first; has the locks. */
    private final Fd first;
    /** For requests: another one than the first where that is open for reading only. */
    private volatile Fd fd;
    private boolean isWritable;
    private final int flags;
    private Access access = Access.NONE;
    private final boolean device;
    private final boolean durable;
    /** One flush at a time: of two, the kernel would tell one only that data is lost. */
    private final Object flushing = new Object();
    /** The first failure of a flush: the kernel marks pages clean that it could not write, so it stays. */
    private IOException lostData;

    private HostFile(Fd fd, int flags, boolean device, boolean durable) {
        first = fd;
        this.fd = fd;
        this.flags = flags;
        isWritable = (flags & Fd.O_RDWR) != 0;
        this.device = device;
        this.durable = durable;
    }

    /**
     * Opens a regular file or block device.
     *
     * @param durable whether {@link #flush()} does anything
     * @throws IOException if it cannot be opened or is something else
     */
    public static HostFile open(Syscalls syscalls, String path, int flags, boolean durable) throws IOException {
        Fd fd;
        try {
            fd = Fd.open(syscalls, path, flags | Fd.O_NONBLOCK);
        } catch (LinuxException e) {
            throw openFailure(e, flags);
        }
        try {
            FileStatus.Kind kind = status(fd).kind();
            // Character devices that can be sought in, like /dev/null, are disks without a byte.
            boolean isFile = kind == FileStatus.Kind.REGULAR || kind == FileStatus.Kind.BLOCK_DEVICE
                    || kind == FileStatus.Kind.OTHER && fd.size() >= 0;
            if (!isFile) {
                String found = kind == FileStatus.Kind.DIRECTORY ? "directory" : "pipe, socket or character device";
                throw new IOException("is a " + found + ": name a regular file or a block device");
            }
            return new HostFile(fd, flags, kind != FileStatus.Kind.REGULAR, durable);
        } catch (IOException e) {
            fd.close();
            throw e;
        }
    }

    private static IOException openFailure(LinuxException e, int flags) {
        if (e.errno() == Errno.EINVAL && (flags & Fd.O_DIRECT) != 0) {
            return new ImageException(Kind.NO_DIRECT_ACCESS, "the file system does not support O_DIRECT", e);
        }
        boolean forbidden = e.errno() == Errno.EACCES || e.errno() == Errno.EPERM || e.errno() == Errno.EROFS;
        boolean writes = (flags & (Fd.O_RDWR | Fd.O_CREAT)) == Fd.O_RDWR;
        Kind kind = e.errno() == Errno.ENOENT ? Kind.NOT_FOUND
                : forbidden && writes ? Kind.NOT_WRITABLE : Kind.UNUSABLE;
        return new ImageException(kind, e.errno() == Errno.UNKNOWN ? e.getMessage() : e.errno().text(), e);
    }

    @Override
    public void access(Access next, boolean takesLocks) throws IOException {
        if (next == Access.WRITE && !isWritable) {
            openForWriting();
        }
        if (takesLocks) {
            if (next == Access.NONE) {
                ImageLock.release(first);
            } else if (access == Access.NONE) {
                ImageLock.acquire(first, next == Access.WRITE);
            } else {
                ImageLock.change(first, next == Access.WRITE);
            }
        }
        access = next;
    }

    /** The same file, whatever its name is now. */
    private void openForWriting() throws IOException {
        int wanted = Fd.O_RDWR | flags & Fd.O_DIRECT;
        try {
            fd = Fd.open(first.syscalls(), "/proc/self/fd/" + first.number(), wanted | Fd.O_NONBLOCK);
            isWritable = true;
        } catch (LinuxException e) {
            throw openFailure(e, wanted);
        }
    }

    @Override
    public String name() {
        return fd.name();
    }

    @Override
    public long size() throws IOException {
        return checked(fd.size(), "lseek");
    }

    @Override
    public boolean hasFixedSize() {
        return device;
    }

    @Override
    public long allocated() throws IOException {
        return status(fd).allocated();
    }

    private static FileStatus status(Fd fd) throws IOException {
        try {
            return FileStatus.of(fd);
        } catch (LinuxException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public long read(long position, MemorySegment memory, long at, long length) throws IOException {
        if (!memory.isNative()) {
            return readIntoHeap(position, memory, at, length);
        }
        Objects.checkFromIndexSize(at, length, memory.byteSize());
        long address = memory.address() + at;
        long done = 0;
        while (done < length) {
            long result = fd.read(address + done, length - done, position + done);
            Reference.reachabilityFence(memory);
            if (result == 0) {
                break;
            }
            if (!isToBeRepeated(result)) {
                done += checked(result, "read");
            }
        }
        return done;
    }

    private long readIntoHeap(long position, MemorySegment memory, long at, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(Math.clamp(length, 1, HEAP_CHUNK));
            for (long done = 0; done < length; ) {
                long part = Math.min(chunk.byteSize(), length - done);
                long count = read(position + done, chunk, 0, part);
                MemorySegment.copy(chunk, 0, memory, at + done, count);
                done += count;
                if (count < part) {
                    return done;
                }
            }
        }
        return length;
    }

    @Override
    public void write(long position, MemorySegment memory, long at, long length) throws IOException {
        if (!memory.isNative()) {
            writeFromHeap(position, memory, at, length);
            return;
        }
        Objects.checkFromIndexSize(at, length, memory.byteSize());
        long address = memory.address() + at;
        long done = 0;
        while (done < length) {
            long result = fd.write(address + done, length - done, position + done);
            Reference.reachabilityFence(memory);
            if (result == 0) {
                throw new IOException("write " + name() + ": the device is full or has ended");
            }
            if (!isToBeRepeated(result)) {
                done += checked(result, "write");
            }
        }
    }

    private void writeFromHeap(long position, MemorySegment memory, long at, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(Math.clamp(length, 1, HEAP_CHUNK));
            for (long done = 0; done < length; done += chunk.byteSize()) {
                long part = Math.min(chunk.byteSize(), length - done);
                MemorySegment.copy(memory, at + done, chunk, 0, part);
                write(position + done, chunk, 0, part);
            }
        }
    }

    private static boolean isToBeRepeated(long result) {
        return result == -Errno.EINTR.code() || result == -Errno.EAGAIN.code();
    }

    @Override
    public void flush() throws IOException {
        if (!durable) {
            return;
        }
        synchronized (flushing) {
            if (lostData != null) {
                throw new IOException("an earlier flush of " + name() + " failed: its data may be lost", lostData);
            }
            long result;
            do {
                result = fd.dataSync();
            } while (result == -Errno.EINTR.code());
            try {
                checked(result, "fdatasync");
            } catch (IOException e) {
                lostData = e;
                throw e;
            }
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        if (device) {
            if (size > size()) {
                throw new IOException("the device has " + size() + " bytes only, not " + size);
            }
            return;
        }
        long result;
        do {
            result = fd.truncate(size);
        } while (result == -Errno.EINTR.code());
        checked(result, "ftruncate");
    }

    @Override
    public void punch(long position, long length) throws IOException {
        allocate(false, position, length);
    }

    @Override
    public boolean zero(long position, long length, boolean mayUnmap) throws IOException {
        return mayUnmap && allocate(false, position, length) || allocate(true, position, length);
    }

    @Override
    public boolean reserve(long position, long length) throws IOException {
        return isDone(() -> fd.reserve(position, length));
    }

    /**
     * @param keeps true if the range stays allocated
     * @return false if the file system cannot do so
     */
    private boolean allocate(boolean keeps, long position, long length) throws IOException {
        return isDone(() -> keeps ? fd.zeroRange(position, length) : fd.punchHole(position, length));
    }

    /** @return false if the file system cannot do so */
    private boolean isDone(LongSupplier allocation) throws IOException {
        long result;
        do {
            result = allocation.getAsLong();
        } while (result == -Errno.EINTR.code());
        if (result == -Errno.EOPNOTSUPP.code() || result == -Errno.ENOSYS.code() || result == -Errno.ENODEV.code()
                || result == -Errno.EINVAL.code()) {
            return false;
        }
        checked(result, "fallocate");
        return true;
    }

    @Override
    public Extent extent(long position, long length) throws IOException {
        long data = fd.nextData(position);
        if (data == -Errno.ENXIO.code()) {
            return new Extent(length, true);
        }
        if (data < 0) {
            return new Extent(length, false);
        }
        if (data > position) {
            return new Extent(Math.min(length, data - position), true);
        }
        long hole = fd.nextHole(position);
        return new Extent(hole > position ? Math.min(length, hole - position) : length, false);
    }

    private long checked(long result, String call) throws IOException {
        if (Syscalls.isError(result)) {
            LinuxException cause = new LinuxException(call + " " + name(), (int) -result);
            throw new IOException(cause.getMessage(), cause);
        }
        return result;
    }

    @Override
    public void close() {
        if (fd != first) {
            fd.close();
        }
        first.close();
    }
}
