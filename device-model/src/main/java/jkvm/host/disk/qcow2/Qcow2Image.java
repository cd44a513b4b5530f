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
import jkvm.linux.Zstd;

/**
 * A disk in a qcow2 file. Reads, and writes to clusters that are there, run side by side under the read lock; all that
 * changes tables, and the part of a flush that writes them, holds the write lock.
 */
public final class Qcow2Image implements DiskImage {
    private final Qcow2Files files;
    private final BlockFile file;
    private final Qcow2Header header;
    private final boolean readOnly;
    private final boolean unmap;
    private final BitmapTracker bitmaps;
    private final long capacity;
    private final ClusterMap map;
    private final Qcow2Reader reader;
    private final Qcow2Writer writer;
    private final StampedLock lock = new StampedLock();
    private volatile CorruptImageException corruption;
    private boolean closed;

    /** @param bitmaps that note what is written; null if the image is not written */
    private Qcow2Image(Qcow2Files files, Qcow2Header header, BitmapTracker bitmaps, boolean unmap, ClusterMap map,
            long size) {
        this.files = files;
        this.file = files.file();
        this.header = header;
        this.readOnly = bitmaps == null;
        this.bitmaps = bitmaps;
        this.unmap = unmap;
        this.capacity = size & -SECTOR_SIZE;
        this.map = map;
        this.reader = new Qcow2Reader(files, header, map, capacity);
        this.writer = readOnly ? null : new Qcow2Writer(files, header, map, reader, unmap);
    }

    /**
     * Opens the current state of the disk. A writable image that was not closed well is repaired first.
     *
     * @param files  closed with the image
     * @param header of the file
     * @throws IOException if the image is damaged; the files stay open
     */
    static Qcow2Image open(Qcow2Files files, Qcow2Header header, ImageOptions options) throws IOException {
        requireCompression(header);
        BlockFile file = files.file();
        if (options.readOnly()) {
            ClusterMap map = new ClusterMap(files, header, header.l1Offset(), header.l1Size(), false);
            return new Qcow2Image(files, header, null, false, map, header.size());
        }
        if (header.isCorrupt()) {
            throw new ImageException(DiskException.Kind.MARKED_CORRUPT, "the image is marked as corrupt");
        }
        Qcow2Header usable = header;
        if (header.isDirty()) {
            usable = Qcow2Check.repairDirty(file, header);
        }
        long known = header.autoclear() & (Qcow2Header.RAW_DATA_BIT | Qcow2Header.BITMAPS_BIT);
        if (header.autoclear() != known) {
            // Before any change reaches the disk, which would make what it stands for wrong.
            Bytes.writeLong(file, Qcow2Header.AUTOCLEAR_FIELD, known);
            file.flush();
        }
        ClusterMap map = new ClusterMap(files, usable, usable.l1Offset(), usable.l1Size(), true);
        BitmapTracker bitmaps = BitmapTracker.open(file, usable, usable.size() & -SECTOR_SIZE);
        return new Qcow2Image(files, usable, bitmaps, options.unmap(), map, usable.size());
    }

    private static void requireCompression(Qcow2Header header) throws IOException {
        if (header.compression() == CompressionType.ZSTD && Zstd.ofHost().isEmpty()) {
            throw new IOException("the image is compressed with zstd, and this host has no libzstd.so.1: install it"
                    + " (Debian package libzstd1)");
        }
    }

    /** Opens an internal snapshot, read-only. */
    static Qcow2Image openSnapshot(Qcow2Files files, Qcow2Header header, SnapshotChoice choice) throws IOException {
        requireCompression(header);
        InternalSnapshot snapshot = choice.find(new SnapshotTable(files.file(), header).read())
                .orElseThrow(() -> new ImageException(DiskException.Kind.NO_SNAPSHOT, "Can't find snapshot"));
        ClusterMap map = new ClusterMap(files, header, snapshot.l1Offset(), snapshot.l1Size(), false);
        return new Qcow2Image(files, header, null, false, map, snapshot.diskSize());
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
        bitmaps.mark(offset, length);
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
        return !readOnly && !files.hasOtherData();
    }

    @Override
    public void writeCompressed(long offset, MemorySegment from) throws IOException {
        if (files.hasOtherData()) {
            throw new UnsupportedOperationException(name() + " keeps its data elsewhere, which is not compressed");
        }
        long size = from.byteSize();
        checkChange(offset, size);
        int clusterSize = header.clusterSize();
        if (offset % clusterSize != 0 || size % clusterSize != 0 && offset + size != capacity) {
            throw new IllegalArgumentException(size + " bytes at " + offset + " are not whole clusters");
        }
        bitmaps.mark(offset, size);
        try (Compressor compressor = new Compressor(header.compression()); Arena arena = Arena.ofConfined()) {
            // As large as a cluster is not smaller.
            MemorySegment packed = arena.allocate(clusterSize - 1);
            MemorySegment cluster = arena.allocate(clusterSize);
            for (long done = 0; done < size; done += clusterSize) {
                long at = offset + done;
                MemorySegment bytes = from.asSlice(done, Math.min(clusterSize, size - done));
                // The last one may be a part, and has zeros after it.
                cluster.copyFrom(bytes);
                cluster.asSlice(bytes.byteSize()).fill((byte) 0);
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

    @Override
    public void makeEmpty() throws IOException {
        checkChange(0, capacity);
        bitmaps.mark(0, capacity);
        drop(0);
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
            files.flush();
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
            bitmaps.mark(offset, length);
            wholeClusters(offset, length, (first, count) -> {
                writer.discard(first, count);
                return true;
            });
        }
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        checkChange(offset, length);
        bitmaps.mark(offset, length);
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

    /** Makes parts of clusters zeros, by writing them where nothing shorter says it. */
    private void writeZeroBytes(long from, long to) throws IOException {
        for (long at = from; at < to; ) {
            long end = Math.min(to, (at | header.clusterSize() - 1) + 1);
            if (!isKnownZero(at, end)) {
                zeroPart(at, end);
            }
            at = end;
        }
    }

    private void zeroPart(long from, long to) throws IOException {
        long unit = 1L << header.unitBits();
        long first = Bytes.roundUp(from, unit);
        long end = to == capacity ? Bytes.roundUp(to, unit) : to & -unit;
        if (header.hasSubclusters() && first < end
                && change(() -> writer.zeroSubclusters(first, end - first) ? 1 : 0) == 1) {
            writeBytes(from, first);
            writeBytes(end, to);
        } else {
            writeBytes(from, to);
        }
    }

    private void writeBytes(long from, long to) throws IOException {
        if (from < to) {
            try (Arena arena = Arena.ofConfined()) {
                write(from, arena.allocate(to - from, Fd.DIRECT_ALIGNMENT));
            }
        }
    }

    private boolean isKnownZero(long from, long to) throws IOException {
        long stamp = lock.readLock();
        try {
            long unit = 1L << header.unitBits();
            boolean zero = true;
            for (long at = from & -unit; zero && at < to; at += unit) {
                zero = reader.isKnownZero(at);
            }
            return zero;
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
        return files.backing();
    }

    /** Gives up the clusters from the one on that begins at {@code offset} or next after it: they have no content. */
    void drop(long offset) throws IOException {
        wholeClusters(offset, capacity - offset, (first, count) -> {
            writer.drop(first, count);
            return true;
        });
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            try (file) {
                closeTables();
            }
        }
    }

    /** Closes all but the file: it stays open, and a later {@link #close} does nothing. */
    void closeTables() throws IOException {
        closed = true;
        try {
            if (!readOnly && corruption == null) {
                change(() -> {
                    map.close();
                    bitmaps.close();
                    return 0;
                });
            }
        } finally {
            files.closeOthers();
        }
    }
}
