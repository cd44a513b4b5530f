package jkvm.host.disk.qcow2;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskSnapshots;
import jkvm.host.disk.Extent;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.SnapshotChoice;
import jkvm.host.disk.TableImage;
import jkvm.linux.Zstd;

/** A disk in a qcow2 file. */
public final class Qcow2Image extends TableImage {
    private final Qcow2Files files;
    /** As the image was opened. What it tells of clusters and features stays. */
    private final Qcow2Header header;
    private final boolean unmap;
    /** Replaced under the write lock, when the file has been changed as a whole; null if that could not be done. */
    private volatile Tables tables;

    /**
     * The tables in memory.
     *
     * @param bitmaps that note what is written; null if the image is not written
     * @param writer  null too then
     */
    private record Tables(Qcow2Header header, BitmapTracker bitmaps, ClusterMap map, Qcow2Reader reader,
            Qcow2Writer writer) {
        static Tables readOnly(Qcow2Files files, Qcow2Header header, ClusterMap map, long size) {
            return new Tables(header, null, map, new Qcow2Reader(files, header, map, size & -SECTOR_SIZE), null);
        }

        /** Reads all tables of an image that is in order. */
        static Tables writable(Qcow2Files files, Qcow2Header header, boolean unmap) throws IOException {
            long capacity = header.size() & -SECTOR_SIZE;
            ClusterMap map = new ClusterMap(files, header, header.l1Offset(), header.l1Size(), true);
            BitmapTracker bitmaps = BitmapTracker.open(files.file(), header, capacity);
            Qcow2Reader reader = new Qcow2Reader(files, header, map, capacity);
            return new Tables(header, bitmaps, map, reader, new Qcow2Writer(files, header, map, reader, unmap));
        }

        /** Writes all that is not in the file yet. */
        void close() throws IOException {
            map.close();
            bitmaps.close();
        }
    }

    private Qcow2Image(Qcow2Files files, Tables tables, boolean unmap, long size) {
        super(files.file(), ImageFormat.QCOW2, size, tables.writer == null);
        this.files = files;
        this.header = tables.header;
        this.tables = tables;
        this.unmap = unmap;
    }

    /**
     * Opens the current state of the disk. A writable image that was not closed well is repaired first.
     *
     * @param files  closed with the image
     * @param header of the file
     * @throws IOException if the image is damaged; the files stay open
     */
    static Qcow2Image open(Qcow2Files files, Qcow2Header header, ImageOptions options) throws IOException {
        requireReadable(files, header);
        BlockFile file = files.file();
        if (options.readOnly()) {
            ClusterMap map = new ClusterMap(files, header, header.l1Offset(), header.l1Size(), false);
            return new Qcow2Image(files, Tables.readOnly(files, header, map, header.size()), false, header.size());
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
        return new Qcow2Image(files, Tables.writable(files, usable, options.unmap()), options.unmap(), usable.size());
    }

    private static void requireReadable(Qcow2Files files, Qcow2Header header) throws IOException {
        if (files.isEncrypted() == header.encryption().isNone()) {
            throw new IOException("the image is encrypted and not unlocked");
        }
        if (header.compression() == CompressionType.ZSTD && Zstd.ofHost().isEmpty()) {
            throw new IOException("the image is compressed with zstd, and this host has no libzstd.so.1: install it"
                    + " (Debian package libzstd1)");
        }
    }

    /** Opens an internal snapshot, read-only. */
    static Qcow2Image openSnapshot(Qcow2Files files, Qcow2Header header, SnapshotChoice choice) throws IOException {
        requireReadable(files, header);
        InternalSnapshot snapshot = choice.find(new SnapshotTable(files.file(), header).read())
                .orElseThrow(() -> new ImageException(DiskException.Kind.NO_SNAPSHOT, "Can't find snapshot"));
        ClusterMap map = new ClusterMap(files, header, snapshot.l1Offset(), snapshot.l1Size(), false);
        return new Qcow2Image(files, Tables.readOnly(files, header, map, snapshot.diskSize()), false,
                snapshot.diskSize());
    }

    private Tables tables() throws IOException {
        Tables current = tables;
        if (current == null) {
            throw new IOException(name() + " cannot be used any more: its tables could not be read again");
        }
        return current;
    }

    /** The header as the file has it now. */
    Qcow2Header header() throws IOException {
        return tables().header;
    }

    /** A look at the file, with a result. */
    @FunctionalInterface
    interface Inspection<T> {
        T run() throws IOException;
    }

    /** Looks at the file while nobody changes its tables. */
    <T> T inspect(Inspection<T> inspection) throws IOException {
        AtomicReference<T> result = new AtomicReference<>();
        look(() -> {
            result.set(inspection.run());
            return 0;
        });
        return result.get();
    }

    /**
     * Changes the file as a whole, while all other requests wait: puts all into it that is in memory, and reads the
     * tables again afterwards, whatever came of the change.
     */
    void rewrite(DiskSnapshots.Step change) throws IOException {
        change(() -> {
            tables().map.close();
            try (Closeable _ = this::readTables) {
                tables().bitmaps.close();
                change.run();
            }
            return 0;
        });
    }

    private void readTables() throws IOException {
        tables = null;
        Qcow2Header now = Qcow2Header.read(file());
        tables = Tables.writable(files, now.isDirty() ? Qcow2Check.repairDirty(file(), now) : now, unmap);
    }

    @Override
    public Optional<DiskSnapshots> snapshots() {
        return files.hasOtherData() ? Optional.empty() : Optional.of(new LiveSnapshots(this, files));
    }

    @Override
    public int blockSize() {
        return header.clusterSize();
    }

    @Override
    protected void readLocked(long offset, MemorySegment memory, long at, long length) throws IOException {
        tables().reader.read(offset, memory, at, length);
    }

    @Override
    protected void beforeChange(long offset, long length) throws IOException {
        checkChange(offset, length);
        tables().bitmaps.mark(offset, length);
    }

    @Override
    protected long writeInPlace(long offset, MemorySegment memory, long at, long length) throws IOException {
        return tables().writer.writeInPlace(offset, memory, at, length);
    }

    @Override
    protected long writeNew(long offset, MemorySegment memory, long at, long length) throws IOException {
        return change(() -> tables().writer.writeAllocating(offset, memory.asSlice(at, length)));
    }

    @Override
    public boolean canCompress() {
        return !isReadOnly() && !files.hasOtherData() && !files.isEncrypted();
    }

    @Override
    public void writeCompressed(long offset, MemorySegment from) throws IOException {
        if (files.isEncrypted()) {
            throw new UnsupportedOperationException(name() + " is encrypted, and keeps no compressed clusters");
        }
        if (files.hasOtherData()) {
            throw new UnsupportedOperationException(name() + " keeps its data elsewhere, which is not compressed");
        }
        long size = from.byteSize();
        checkChange(offset, size);
        int clusterSize = header.clusterSize();
        if (offset % clusterSize != 0 || size % clusterSize != 0 && offset + size != capacity()) {
            throw new IllegalArgumentException(size + " bytes at " + offset + " are not whole clusters");
        }
        tables().bitmaps.mark(offset, size);
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
                        tables().writer.writeCompressed(at >> header.clusterBits(), packed.asSlice(0, length));
                        return length;
                    });
                }
            }
        }
    }

    @Override
    public void makeEmpty() throws IOException {
        beforeChange(0, capacity());
        drop(0);
    }

    @Override
    protected void markCorrupt() throws IOException {
        if (header.version() >= 3) {
            Bytes.writeLong(file(), Qcow2Header.INCOMPATIBLE_FIELD, tables().map.incompatible()
                    | Qcow2Header.CORRUPT_BIT);
            file().flush();
        }
    }

    @Override
    protected boolean isChanged() {
        Tables current = tables;
        return current == null || current.map.isChanged();
    }

    @Override
    protected void commit() throws IOException {
        tables().map.commit(false);
    }

    @Override
    protected void flushData() throws IOException {
        files.flush();
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        checkChange(offset, length);
        if (unmap) {
            tables().bitmaps.mark(offset, length);
            wholeClusters(offset, length, (first, count) -> {
                tables().writer.discard(first, count);
                return true;
            });
        }
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        beforeChange(offset, length);
        long start = Bytes.roundUp(offset, header.clusterSize());
        long end = offset + length == capacity() ? capacity() : offset + length & -header.clusterSize();
        if (start >= end || !wholeClusters(offset, length, (first, count) ->
                tables().writer.zero(first, count, mayUnmap))) {
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
        boolean toTheEnd = offset + length == capacity();
        long end = toTheEnd ? Bytes.divideUp(capacity(), header.clusterSize()) : offset + length >> bits;
        boolean done = true;
        while (done && first < end) {
            long start = first;
            long count = tables().writer.sameTable(first, end);
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
        long end = to == capacity() ? Bytes.roundUp(to, unit) : to & -unit;
        if (header.hasSubclusters() && first < end
                && change(() -> tables().writer.zeroSubclusters(first, end - first) ? 1 : 0) == 1) {
            writeZeroData(from, first - from);
            writeZeroData(end, to - end);
        } else {
            writeZeroData(from, to - from);
        }
    }

    private boolean isKnownZero(long from, long to) throws IOException {
        return look(() -> {
            long unit = 1L << header.unitBits();
            boolean zero = true;
            for (long at = from & -unit; zero && at < to; at += unit) {
                zero = tables().reader.isKnownZero(at);
            }
            return zero ? 1 : 0;
        }) == 1;
    }

    @Override
    protected Extent extentLocked(long offset, long length) throws IOException {
        return tables().reader.extent(offset, length);
    }

    @Override
    protected BlockStatus statusLocked(long offset, long length) throws IOException {
        return tables().reader.status(offset, length);
    }

    @Override
    public DiskImage backing() {
        return files.backing();
    }

    /** Gives up the clusters from the one on that begins at {@code offset} or next after it: they have no content. */
    void drop(long offset) throws IOException {
        wholeClusters(offset, capacity() - offset, (first, count) -> {
            tables().writer.drop(first, count);
            return true;
        });
    }

    @Override
    protected void finish() throws IOException {
        tables().close();
    }

    @Override
    protected void closeOthers() throws IOException {
        files.closeOthers();
    }
}
