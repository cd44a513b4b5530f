package jkvm.host.disk.raw;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.Extent;
import jkvm.host.disk.ImageFormat;

/**
 * A file, or a part of one, that is the disk, byte for byte. A last sector that the file has only a part of ends in
 * zeros.
 */
public final class RawImage implements DiskImage {
    private static final int ZERO_CHUNK = 1 << 20;
    private static final int BLOCK_SIZE = 4096;

    private final BlockFile file;
    private final boolean readOnly;
    private final boolean unmap;
    private final ImageFormat format;
    /** Where the disk begins in the file. */
    private final long start;
    private final long capacity;
    /** How many bytes of the disk the file had when it was opened. */
    private final long sizeAtOpen;

    RawImage(BlockFile file, boolean readOnly, boolean unmap) throws IOException {
        this(file, ImageFormat.RAW, 0, Math.addExact(file.size(), SECTOR_SIZE - 1) & -SECTOR_SIZE, readOnly, unmap);
    }

    private RawImage(BlockFile file, ImageFormat format, long start, long capacity, boolean readOnly, boolean unmap)
            throws IOException {
        this.file = file;
        this.format = format;
        this.start = start;
        this.capacity = capacity;
        this.readOnly = readOnly;
        this.unmap = unmap;
        this.sizeAtOpen = Math.clamp(file.size() - start, 0, capacity);
    }

    /**
     * A disk that another format keeps as it is in a part of a file.
     *
     * @param start    where it begins in the file
     * @param capacity in bytes, whole sectors; what the file does not have of it reads as zeros
     */
    public static DiskImage part(BlockFile file, ImageFormat format, long start, long capacity, boolean readOnly,
            boolean unmap) throws IOException {
        return new RawImage(file, format, start, capacity, readOnly, unmap);
    }

    @Override
    public long capacity() {
        return capacity;
    }

    @Override
    public int blockSize() {
        return BLOCK_SIZE;
    }

    @Override
    public ImageFormat format() {
        return format;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        Objects.checkFromIndexSize(offset, length, capacity);
        long count = file.read(start + offset, memory, at, length);
        if (count < length) {
            if (offset + count < sizeAtOpen) {
                throw new IOException(name() + " has become shorter than " + sizeAtOpen
                        + " bytes: something else truncated it");
            }
            memory.asSlice(at + count, length - count).fill((byte) 0);
        }
    }

    @Override
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        checkWrite(offset, length);
        file.write(start + offset, memory, at, length);
    }

    private void checkWrite(long offset, long length) {
        if (readOnly) {
            throw new IllegalStateException(name() + " is read-only");
        }
        Objects.checkFromIndexSize(offset, length, capacity);
    }

    @Override
    public void flush() throws IOException {
        if (!readOnly) {
            file.flush();
        }
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        checkWrite(offset, length);
        long from = start + offset + BLOCK_SIZE - 1 & -BLOCK_SIZE;
        long to = start + offset + length & -BLOCK_SIZE;
        if (unmap && to > from) {
            file.punch(from, to - from);
        }
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        checkWrite(offset, length);
        // Beyond the end of the file it already reads as zeros.
        long inFile = Math.min(length, sizeAtOpen - offset);
        if (inFile > 0 && !file.zero(start + offset, inFile, mayUnmap && unmap)) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment zeros = arena.allocate(Math.min(inFile, ZERO_CHUNK), BLOCK_SIZE);
                for (long done = 0; done < inFile; done += zeros.byteSize()) {
                    file.write(start + offset + done, zeros.asSlice(0, Math.min(zeros.byteSize(), inFile - done)));
                }
            }
        }
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        Objects.checkFromIndexSize(offset, length, capacity);
        long inFile = sizeAtOpen - offset;
        return inFile <= 0 ? new Extent(length, true) : file.extent(start + offset, Math.min(length, inFile));
    }

    @Override
    public BlockStatus status(long offset, long length) throws IOException {
        Extent extent = extent(offset, length);
        // In QEMU a part of another format's file has data, zeros or not.
        boolean data = !extent.zero() || format != ImageFormat.RAW;
        return new BlockStatus(extent.length(), 0, true, data, extent.zero(), start + offset, name());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
