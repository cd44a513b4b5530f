package jkvm.host.disk.vmdk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.Extent;
import jkvm.host.disk.FileImage;
import jkvm.host.disk.ImageFormat;

/** A disk of one extent or more, one after the other. The first write gives it another content id. */
final class VmdkImage extends FileImage {
    private final VmdkDescriptor descriptor;
    private final DiskImage[] extents;
    /** Where each extent begins on the disk, and at last where the disk ends. */
    private final long[] starts;
    private volatile boolean written;
    private boolean closed;

    /**
     * @param file       that has the descriptor; closed with the image
     * @param extents    closed with the image
     */
    VmdkImage(BlockFile file, VmdkDescriptor descriptor, List<DiskImage> extents, boolean readOnly) {
        super(file, ImageFormat.VMDK, extents.stream().mapToLong(DiskImage::capacity).sum(), readOnly);
        this.descriptor = descriptor;
        this.extents = extents.toArray(DiskImage[]::new);
        this.starts = new long[extents.size() + 1];
        for (int i = 0; i < extents.size(); i++) {
            starts[i + 1] = starts[i] + extents.get(i).capacity();
        }
    }

    VmdkDescriptor descriptor() {
        return descriptor;
    }

    @Override
    public int blockSize() {
        return extents[0].blockSize();
    }

    private int extentAt(long offset) {
        int low = 0;
        int high = extents.length - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (starts[middle] <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    @Override
    public void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        checkRange(offset, length);
        for (long done = 0; done < length; ) {
            int i = extentAt(offset + done);
            long part = Math.min(length - done, starts[i + 1] - offset - done);
            extents[i].read(offset + done - starts[i], memory, at + done, part);
            done += part;
        }
    }

    private void beforeChange(long offset, long length) throws IOException {
        checkChange(offset, length);
        if (!written && length > 0) {
            writeCid();
        }
    }

    /** Images that have this one as their parent notice that it is not what it was. */
    private synchronized void writeCid() throws IOException {
        if (!written) {
            descriptor.writeCid(file(), ThreadLocalRandom.current().nextLong());
            written = true;
        }
    }

    @Override
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        beforeChange(offset, length);
        for (long done = 0; done < length; ) {
            int i = extentAt(offset + done);
            long part = Math.min(length - done, starts[i + 1] - offset - done);
            extents[i].write(offset + done - starts[i], memory, at + done, part);
            done += part;
        }
    }

    @Override
    public boolean canCompress() {
        return extents.length == 1 && extents[0].canCompress();
    }

    @Override
    public boolean needsCompressedWrites() {
        return canCompress();
    }

    @Override
    public void writeCompressed(long offset, MemorySegment from) throws IOException {
        if (!canCompress()) {
            throw new UnsupportedOperationException(name() + " holds no compressed data");
        }
        beforeChange(offset, from.byteSize());
        extents[0].writeCompressed(offset, from);
    }

    @Override
    public void flush() throws IOException {
        if (isReadOnly()) {
            return;
        }
        for (DiskImage each : extents) {
            each.flush();
        }
        file().flush();
    }

    private interface Action {
        void on(DiskImage extent, long offset, long length) throws IOException;
    }

    private void forParts(long offset, long length, Action action) throws IOException {
        beforeChange(offset, length);
        for (long done = 0; done < length; ) {
            int i = extentAt(offset + done);
            long part = Math.min(length - done, starts[i + 1] - offset - done);
            action.on(extents[i], offset + done - starts[i], part);
            done += part;
        }
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        forParts(offset, length, DiskImage::discard);
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        forParts(offset, length, (extent, from, size) -> extent.writeZeroes(from, size, mayUnmap));
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        checkRange(offset, length);
        int i = extentAt(offset);
        return extents[i].extent(offset - starts[i], Math.min(length, starts[i + 1] - offset));
    }

    @Override
    public BlockStatus status(long offset, long length) throws IOException {
        checkRange(offset, length);
        int i = extentAt(offset);
        return extents[i].status(offset - starts[i], Math.min(length, starts[i + 1] - offset));
    }

    @Override
    public DiskImage backing() {
        return extents.length == 1 ? extents[0].backing() : null;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        IOException failure = null;
        for (DiskImage each : extents) {
            try {
                each.close();
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }
        file().close();
        if (failure != null) {
            throw failure;
        }
    }
}
