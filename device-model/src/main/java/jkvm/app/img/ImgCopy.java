package jkvm.app.img;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.DiskImage;
import jkvm.linux.Fd;

/** Copies disks to an image as qemu-img convert does: its bytes and its allocation are the same. For one thread. */
final class ImgCopy {
    static final int CHUNK = 2 << 20;
    static final int DEFAULT_SPARSE_SIZE = 4096;

    /**
     * How to copy.
     *
     * @param sparseSize so many bytes of zeros are not written, a multiple of 512; 0 writes all
     * @param compressed whether data is written compressed
     * @param asItIs     whether all stored data is written, though it may be zeros
     * @param zeroed     whether the target reads as zeros where nothing is written
     * @param through    whether each write is flushed
     */
    record Manner(int sparseSize, boolean compressed, boolean asItIs, boolean zeroed, boolean through) {
    }

    private final CopySource source;
    private final DiskImage target;
    private final Manner manner;
    private final RateLimit rate;
    private final ImgProgress progress;
    private final int chunk;
    private final ZeroRuns zeroRuns;
    private CopySource.Kind kind;

    ImgCopy(CopySource source, DiskImage target, Manner manner, RateLimit rate, ImgProgress progress) {
        this.source = source;
        this.target = target;
        this.manner = manner;
        this.rate = rate;
        this.progress = progress;
        this.chunk = manner.compressed ? target.blockSize() : CHUNK;
        this.zeroRuns = new ZeroRuns(manner.sparseSize);
    }

    void run() throws IOException {
        long size = source.size();
        long all = 0;
        for (long at = 0; at < size; ) {
            long length = next(at);
            all += kind == CopySource.Kind.DATA ? length : 0;
            at += length;
        }
        long done = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(chunk, Fd.DIRECT_ALIGNMENT);
            for (long at = 0; at < size; ) {
                long length = next(at);
                if (kind == CopySource.Kind.DATA) {
                    done += length;
                    progress.set((float) (100.0 * done / all));
                }
                copy(at, length, buffer);
                at += length;
            }
        }
    }

    /** Finds the next stretch to copy. @return its length; {@link #kind} is its content */
    private long next(long at) throws IOException {
        long length = source.find(at);
        kind = source.kind();
        boolean zerosAsData = kind == CopySource.Kind.ZEROS && manner.sparseSize == 0;
        if (manner.compressed) {
            // Compressed blocks are written as a whole.
            if (length < chunk) {
                kind = CopySource.Kind.DATA;
                return Math.min(chunk, source.size() - at);
            }
            length -= length % chunk;
        }
        return kind == CopySource.Kind.DATA || zerosAsData ? Math.min(length, chunk) : length;
    }

    private void copy(long at, long length, MemorySegment buffer) throws IOException {
        switch (kind) {
            case BACKING -> { }
            case ZEROS -> {
                if (manner.sparseSize > 0) {
                    writeZeros(at, length);
                } else {
                    buffer.asSlice(0, length).fill((byte) 0);
                    write(at, buffer, 0, length);
                }
            }
            case DATA -> {
                source.read(at, buffer, length);
                writeData(at, buffer, length);
            }
        }
    }

    private void writeData(long at, MemorySegment buffer, long length) throws IOException {
        if (manner.sparseSize == 0 || manner.asItIs) {
            write(at, buffer, 0, length);
            return;
        }
        for (long done = 0; done < length; ) {
            long data = manner.compressed ? ZeroBytes.count(buffer, 0, length) < length ? length : 0
                    : zeroRuns.data(buffer, at, done, length);
            if (data > 0) {
                write(at + done, buffer, done, data);
                done += data;
            } else {
                long zeros = manner.compressed ? length : zeroRuns.zeros();
                writeZeros(at + done, zeros);
                done += zeros;
            }
        }
    }

    private void write(long at, MemorySegment buffer, long from, long length) throws IOException {
        rate.await(length);
        if (manner.compressed) {
            target.writeCompressed(at, buffer.asSlice(from, length));
        } else {
            target.write(at, buffer, from, length);
        }
        flush();
    }

    private void writeZeros(long at, long length) throws IOException {
        if (!manner.zeroed) {
            rate.await(length);
            target.writeZeroes(at, length, true);
            flush();
        }
    }

    private void flush() throws IOException {
        if (manner.through) {
            target.flush();
        }
    }
}
