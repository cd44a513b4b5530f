package jkvm.control.block;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jkvm.control.job.JobCancelledException;
import jkvm.control.job.JobControl;
import jkvm.host.disk.DiskImage;
import jkvm.linux.Fd;

/** Copies ranges of one disk to the same place of another. For the thread that makes it. */
final class DiskCopier implements AutoCloseable {
    /** The longest range that is copied at once. */
    static final int CHUNK = 512 << 10;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(CHUNK, Fd.DIRECT_ALIGNMENT);
    private final ErrorPolicy policy;

    DiskCopier(ErrorPolicy policy) {
        this.policy = policy;
    }

    /**
     * Copies a range of at most {@link #CHUNK} bytes, and does with errors as the user wants it.
     *
     * @param isZero true if it is known to read as zeros
     */
    void copy(JobControl control, DiskImage from, DiskImage to, long offset, long length, boolean isZero)
            throws IOException, JobCancelledException {
        boolean isRead = false;
        while (true) {
            try {
                isRead = !isZero;
                if (isRead) {
                    from.read(offset, buffer, 0, length);
                }
                isRead = false;
                write(to, offset, length, isZero);
                return;
            } catch (IOException e) {
                if (!policy.isTriedAgain(control, isRead, e)) {
                    return;
                }
            }
        }
    }

    private void write(DiskImage to, long offset, long length, boolean isZero) throws IOException {
        if (isZero) {
            to.writeZeroes(offset, length, true);
        } else {
            to.write(offset, buffer, 0, length);
        }
    }

    /** Copies a range of at most {@link #CHUNK} bytes; an error is the caller's. */
    void copyOnce(DiskImage from, DiskImage to, long offset, long length, boolean isZero) throws IOException {
        if (!isZero) {
            from.read(offset, buffer, 0, length);
        }
        write(to, offset, length, isZero);
    }

    @Override
    public void close() {
        arena.close();
    }
}
