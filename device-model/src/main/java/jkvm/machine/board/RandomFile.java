package jkvm.machine.board;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.device.board.RandomSource;
import jkvm.linux.Errno;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;

/** A file that random bytes come from, such as a device of the host's. For one thread at a time. */
final class RandomFile implements RandomSource, AutoCloseable {
    private static final int MAX_READ = 4096;

    private final Fd file;
    /** Collected with this object: a call that still runs may hold its address. */
    private final MemorySegment buffer = Arena.ofAuto().allocate(MAX_READ);

    /** @throws LinuxException if it cannot be opened */
    RandomFile(Syscalls syscalls, String path) {
        file = Fd.open(syscalls, path, Fd.O_RDONLY | Fd.O_NONBLOCK);
    }

    /** Zero at the file's end too: a pipe may get more. */
    @Override
    public int read(byte[] target, int length) {
        long count = file.read(buffer.address(), Math.min(length, MAX_READ));
        if (count == -Errno.EAGAIN.code() || count == -Errno.EINTR.code()) {
            return 0;
        }
        if (Syscalls.isError(count)) {
            throw new LinuxException("read " + file.name(), (int) -count);
        }
        MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, target, 0, (int) count);
        return (int) count;
    }

    @Override
    public void close() {
        file.close();
    }
}
