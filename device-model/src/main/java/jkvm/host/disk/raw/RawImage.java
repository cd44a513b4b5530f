package jkvm.host.disk.raw;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.Extent;
import jkvm.host.disk.FileImage;
import jkvm.host.disk.ImageFormat;

/**
 * A file, or a part of one, that is the disk, byte for byte. A last sector that the file has only a part of ends in
 * zeros.
 */
public final class RawImage extends FileImage {
    private static final int BLOCK_SIZE = 4096;

    private final boolean unmap;
    /** Where the disk begins in the file. */
    private final long start;
    /** How many bytes of the disk the file had when it was opened. */
    private final long sizeAtOpen;

    private RawImage(BlockFile file, ImageFormat format, long start, long capacity, boolean readOnly, boolean unmap)
            throws IOException {
        super(file, format, capacity, readOnly);
        this.start = start;
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
    public int blockSize() {
        return BLOCK_SIZE;
    }

    @Override
    public void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        checkRange(offset, length);
        long count = file().read(start + offset, memory, at, length);
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
        checkChange(offset, length);
        file().write(start + offset, memory, at, length);
    }

    @Override
    public void flush() throws IOException {
        if (!isReadOnly()) {
            file().flush();
        }
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        checkChange(offset, length);
        long from = start + offset + BLOCK_SIZE - 1 & -BLOCK_SIZE;
        long to = start + offset + length & -BLOCK_SIZE;
        if (unmap && to > from) {
            file().punch(from, to - from);
        }
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        checkChange(offset, length);
        // Beyond the end of the file it already reads as zeros.
        long inFile = Math.min(length, sizeAtOpen - offset);
        file().makeZero(start + offset, inFile, mayUnmap && unmap);
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        checkRange(offset, length);
        long inFile = sizeAtOpen - offset;
        return inFile <= 0 ? new Extent(length, true) : file().extent(start + offset, Math.min(length, inFile));
    }

    @Override
    public BlockStatus status(long offset, long length) throws IOException {
        Extent extent = extent(offset, length);
        // In QEMU a part of another format's file has data, zeros or not.
        boolean data = !extent.zero() || format() != ImageFormat.RAW;
        return new BlockStatus(extent.length(), 0, true, data, extent.zero(), start + offset, name());
    }
}
