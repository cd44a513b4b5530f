package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.locks.StampedLock;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.Extent;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.SnapshotChoice;
import jkvm.linux.Fd;

/**
 * A disk in a qcow2 file. Reads, and writes to clusters that are there, run side by side under the read lock; all that
 * changes tables, and the part of a flush that writes them, holds the write lock.
 */
public final class Qcow2Image implements DiskImage {
    private static final int ZERO_CHUNK = 1 << 20;

    private final BlockFile file;
    private final Qcow2Header header;
    private final DiskImage backing;
    private final boolean readOnly;
    private final boolean unmap;
    private final long capacity;
    private final ClusterMap map;
    private final Qcow2Reader reader;
    private final Qcow2Writer writer;
    private final StampedLock lock = new StampedLock();
    private volatile CorruptImageException corruption;
    private boolean closed;

    private Qcow2Image(BlockFile file, Qcow2Header header, DiskImage backing, boolean readOnly, boolean unmap,
            ClusterMap map, long size) {
        this.file = file;
        this.header = header;
        this.backing = backing;
        this.readOnly = readOnly;
        this.unmap = unmap;
        this.capacity = size & -SECTOR_SIZE;
        this.map = map;
        this.reader = new Qcow2Reader(file, header, map, backing, capacity);
        this.writer = readOnly ? null : new Qcow2Writer(file, header, map, reader, unmap);
    }

    /**
     * Opens the current state of the disk. A writable image that was not closed well is repaired first.
     *
     * @param header  of the file
     * @param backing the backing image, closed with this one; null if there is none
     * @throws IOException if the image is damaged; the file stays open
     */
    static Qcow2Image open(BlockFile file, Qcow2Header header, DiskImage backing, ImageOptions options)
            throws IOException {
        if (options.readOnly()) {
            ClusterMap map = new ClusterMap(file, header, header.l1Offset(), header.l1Size(), false);
            return new Qcow2Image(file, header, backing, true, false, map, header.size());
        }
        if (header.isCorrupt()) {
            throw new ImageException(DiskException.Kind.MARKED_CORRUPT, "the image is marked as corrupt");
        }
        Qcow2Header usable = header;
        if (header.isDirty()) {
            usable = Qcow2Check.repairDirty(file, header);
        }
        if (header.autoclear() != 0) {
            // Before any change reaches the disk, which would make what it stands for wrong.
            Bytes.writeLong(file, Qcow2Header.AUTOCLEAR_FIELD, 0);
            file.flush();
        }
        ClusterMap map = new ClusterMap(file, usable, usable.l1Offset(), usable.l1Size(), true);
        return new Qcow2Image(file, usable, backing, false, options.unmap(), map, usable.size());
    }

    /** Opens an internal snapshot, read-only. */
    static Qcow2Image openSnapshot(BlockFile file, Qcow2Header header, DiskImage backing, SnapshotChoice choice)
            throws IOException {
        InternalSnapshot snapshot = choice.find(new SnapshotTable(file, header).read())
                .orElseThrow(() -> new ImageException(DiskException.Kind.NO_SNAPSHOT, "Can't find snapshot"));
        ClusterMap map = new ClusterMap(file, header, snapshot.l1Offset(), snapshot.l1Size(), false);
        return new Qcow2Image(file, header, backing, true, false, map, snapshot.diskSize());
    }

    @Override
    public long capacity() {
        return capacity;
    }

    @Override
    public int blockSize() {
        return header.clusterSize();
    }

    @Override
    public ImageFormat format() {
        return ImageFormat.QCOW2;
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
        long stamp = lock.readLock();
        try {
            reader.read(offset, memory, at, length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    @Override
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        checkChange(offset, length);
        for (long done = 0; done < length; ) {
            long stamp = lock.readLock();
            try {
                refuseIfCorrupt();
                done += writer.writeInPlace(offset + done, memory, at + done, length - done);
            } catch (CorruptImageException e) {
                throw corrupted(e);
            } finally {
                lock.unlockRead(stamp);
            }
            if (done < length) {
                done += writeAllocating(offset + done, memory.asSlice(at + done, length - done));
            }
        }
    }

    private long writeAllocating(long offset, MemorySegment from) throws IOException {
        return change(() -> writer.writeAllocating(offset, from));
    }

    @Override
    public boolean canCompress() {
        return !readOnly;
    }

    @Override
    public void writeCompressed(long offset, MemorySegment from) throws IOException {
        long size = from.byteSize();
        checkChange(offset, size);
        int clusterSize = header.clusterSize();
        if (offset % clusterSize != 0 || size % clusterSize != 0 && offset + size != capacity) {
            throw new IllegalArgumentException(size + " bytes at " + offset + " are not whole clusters");
        }
        try (Compressor compressor = new Compressor(); Arena arena = Arena.ofConfined()) {
            // As large as a cluster is not smaller.
            MemorySegment packed = arena.allocate(clusterSize - 1);
            MemorySegment last = arena.allocate(size % clusterSize == 0 ? 1 : clusterSize);
            for (long done = 0; done < size; done += clusterSize) {
                long at = offset + done;
                MemorySegment bytes = from.asSlice(done, Math.min(clusterSize, size - done));
                MemorySegment cluster = bytes.byteSize() == clusterSize ? bytes : last.copyFrom(bytes);
                int length = compressor.compress(cluster, packed);
                if (length == 0) {
                    write(at, bytes);
                } else {
                    change(() -> {
                        writer.writeCompressed(at >> header.clusterBits(), packed.asSlice(0, length));
                        return length;
                    });
                }
            }
        }
    }

    private void checkChange(long offset, long length) {
        if (readOnly) {
            throw new IllegalStateException(name() + " is read-only");
        }
        Objects.checkFromIndexSize(offset, length, capacity);
    }

    private interface Change {
        long run() throws IOException;
    }

    private long change(Change change) throws IOException {
        long stamp = lock.writeLock();
        try {
            refuseIfCorrupt();
            return change.run();
        } catch (CorruptImageException e) {
            throw corrupted(e);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    private void refuseIfCorrupt() throws IOException {
        if (corruption != null) {
            throw new IOException(name() + " is corrupt and is not written any more: " + corruption.getMessage(),
                    corruption);
        }
    }

    /** From now on nothing is written but the mark that says so. */
    private CorruptImageException corrupted(CorruptImageException cause) {
        corruption = cause;
        if (header.version() >= 3) {
            try {
                Bytes.writeLong(file, Qcow2Header.INCOMPATIBLE_FIELD, map.incompatible() | Qcow2Header.CORRUPT_BIT);
                file.flush();
            } catch (IOException e) {
                cause.addSuppressed(e);
            }
        }
        return cause;
    }

    @Override
    public void flush() throws IOException {
        if (readOnly) {
            return;
        }
        refuseIfCorrupt();
        if (!map.isChanged()) {
            file.flush();
            return;
        }
        change(() -> {
            map.commit(false);
            return 0;
        });
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        checkChange(offset, length);
        if (unmap) {
            wholeClusters(offset, length, (first, count) -> {
                writer.discard(first, count);
                return true;
            });
        }
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        checkChange(offset, length);
        long start = Bytes.roundUp(offset, header.clusterSize());
        long end = offset + length == capacity ? capacity : offset + length & -header.clusterSize();
        if (start >= end || !wholeClusters(offset, length, (first, count) -> writer.zero(first, count, mayUnmap))) {
            writeZeroBytes(offset, offset + length);
        } else {
            writeZeroBytes(offset, start);
            writeZeroBytes(end, offset + length);
        }
    }

    private interface ClusterAction {
        boolean on(long first, long count) throws IOException;
    }

    /** Calls the action for the clusters that lie in the range as a whole, one L2 table after the other. */
    private boolean wholeClusters(long offset, long length, ClusterAction action) throws IOException {
        int bits = header.clusterBits();
        long first = Bytes.divideUp(offset, header.clusterSize());
        boolean toTheEnd = offset + length == capacity;
        long end = toTheEnd ? Bytes.divideUp(capacity, header.clusterSize()) : offset + length >> bits;
        boolean done = true;
        while (done && first < end) {
            long start = first;
            long count = writer.sameTable(first, end);
            done = change(() -> action.on(start, count) ? 1 : 0) == 1;
            first += count;
        }
        return done;
    }

    private void writeZeroBytes(long from, long to) throws IOException {
        if (from >= to || isKnownZero(from, to)) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = arena.allocate(Math.min(ZERO_CHUNK, to - from), Fd.DIRECT_ALIGNMENT);
            for (long at = from; at < to; at += zeros.byteSize()) {
                write(at, zeros.asSlice(0, Math.min(zeros.byteSize(), to - at)));
            }
        }
    }

    private boolean isKnownZero(long from, long to) throws IOException {
        long stamp = lock.readLock();
        try {
            long cluster = from >> header.clusterBits();
            return cluster == to - 1 >> header.clusterBits() && reader.isKnownZero(cluster);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        Objects.checkFromIndexSize(offset, length, capacity);
        long stamp = lock.readLock();
        try {
            return reader.extent(offset, length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    @Override
    public BlockStatus status(long offset, long length) throws IOException {
        Objects.checkFromIndexSize(offset, length, capacity);
        long stamp = lock.readLock();
        try {
            return reader.status(offset, length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    @Override
    public DiskImage backing() {
        return backing;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (backing; file) {
            if (!readOnly && corruption == null) {
                change(() -> {
                    map.close();
                    return 0;
                });
            }
        }
    }
}
