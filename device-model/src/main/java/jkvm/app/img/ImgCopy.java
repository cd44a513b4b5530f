package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Optional;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.Extent;

/** Copies one disk to another: what differs from what is there, or where that is nothing, what is not zero. */
final class ImgCopy {
    static final int CHUNK = 2 << 20;
    static final int DEFAULT_SPARSE_SIZE = 4096;
    private static final double PROGRESS_STEP = 1.0;

    private final DiskImage source;
    private final DiskImage copy;
    private final boolean overOld;
    private final int sparseSize;
    private final Optional<PrintStream> progress;
    private final int granule;
    private final MemorySegment zeros;
    private double shown = -PROGRESS_STEP;

    /**
     * @param overOld    whether the copy shows something already
     * @param sparseSize from how many bytes of zeros on none are written, 512 to {@link #CHUNK}; zero if all are
     * @param progress   where the percentage is shown
     */
    ImgCopy(DiskImage source, DiskImage copy, boolean overOld, int sparseSize, Optional<PrintStream> progress) {
        this.source = source;
        this.copy = copy;
        this.overOld = overOld;
        this.sparseSize = sparseSize;
        this.progress = progress;
        this.granule = sparseSize == 0 ? DEFAULT_SPARSE_SIZE : sparseSize;
        this.zeros = MemorySegment.ofArray(new byte[granule]).asReadOnly();
    }

    void run() throws IOException {
        long size = Math.min(source.capacity(), copy.capacity());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK, DEFAULT_SPARSE_SIZE);
            MemorySegment there = arena.allocate(overOld ? CHUNK : 1, DEFAULT_SPARSE_SIZE);
            for (long at = 0; at < size; ) {
                show(at, size);
                Extent extent = source.extent(at, size - at);
                if (extent.zero() && !overOld && sparseSize > 0) {
                    at += extent.length();
                    continue;
                }
                MemorySegment part = buffer.asSlice(0, Math.min(CHUNK, extent.length()));
                source.read(at, part);
                MemorySegment old = there.asSlice(0, overOld ? part.byteSize() : 0);
                if (overOld) {
                    copy.read(at, old);
                }
                copyChanged(at, part, old);
                at += part.byteSize();
            }
        }
        show(size, size);
        progress.ifPresent(PrintStream::println);
    }

    private void copyChanged(long at, MemorySegment part, MemorySegment old) throws IOException {
        long start = -1;
        for (long i = 0; i < part.byteSize(); i += granule) {
            boolean same = isThere(part.asSlice(i, Math.min(granule, part.byteSize() - i)), i, old);
            if (same && start >= 0) {
                copy.write(at + start, part.asSlice(start, i - start));
                start = -1;
            } else if (!same && start < 0) {
                start = i;
            }
        }
        if (start >= 0) {
            copy.write(at + start, part.asSlice(start));
        }
    }

    /** Whether the copy holds these bytes without their being written. */
    private boolean isThere(MemorySegment bytes, long at, MemorySegment old) {
        if (overOld) {
            return bytes.mismatch(old.asSlice(at, bytes.byteSize())) < 0;
        }
        return sparseSize > 0 && bytes.mismatch(zeros.asSlice(0, bytes.byteSize())) < 0;
    }

    private void show(long done, long size) {
        double percent = size == 0 ? 100 : done * 100.0 / size;
        if (progress.isPresent() && (percent - shown >= PROGRESS_STEP || done == size)) {
            progress.get().printf(Locale.ROOT, "    (%.2f/100%%)\r", percent);
            progress.get().flush();
            shown = percent;
        }
    }
}
