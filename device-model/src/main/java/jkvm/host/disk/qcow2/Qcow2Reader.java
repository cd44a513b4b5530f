package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.Extent;

/** Reads a qcow2 disk through its tables and its backing image. The caller keeps the tables from changing meanwhile. */
final class Qcow2Reader {
    private final BlockFile file;
    private final Qcow2Files files;
    private final BlockFile data;
    private final Qcow2Header header;
    private final ClusterMap map;
    private final DiskImage backing;
    private final Decompressor decompressor;
    private final boolean encrypted;
    private final int clusterBits;
    /** Logarithm of the unit that {@link #entry} tells of. */
    private final int unitBits;
    private final long unitSize;
    private final long capacity;
    /** Null until it is known. */
    private volatile Boolean sparse;

    Qcow2Reader(Qcow2Files files, Qcow2Header header, ClusterMap map, long capacity) {
        this.file = files.file();
        this.files = files;
        this.data = files.data();
        this.encrypted = files.isEncrypted();
        this.header = header;
        this.map = map;
        this.backing = files.backing();
        this.clusterBits = header.clusterBits();
        this.unitBits = header.unitBits();
        this.unitSize = 1L << unitBits;
        this.decompressor = new Decompressor(file, clusterBits, header.compression());
        this.capacity = capacity;
    }

    /** The L2 entry of a cluster of the disk, refused if it is not one of this image. */
    long clusterEntry(long guestCluster) throws IOException {
        long entry = map.entry(guestCluster);
        if (header.hasSubclusters() && !L2Entry.isCompressed(entry)) {
            map.aligned(L2Entry.offset(entry), "cluster");
            entry &= ~L2Entry.ZERO_BIT;
        }
        if (L2Entry.isZero(entry) && header.version() < 3) {
            throw new CorruptImageException("a version 2 image has a zero flag at cluster " + guestCluster);
        }
        return header.hasDataFile() ? externalEntry(entry, guestCluster) : entry;
    }

    private long externalEntry(long entry, long guestCluster) throws CorruptImageException {
        if (L2Entry.isCompressed(entry) || L2Entry.isZero(entry) || !L2Entry.isCopied(entry)) {
            return L2Entry.stored(entry);
        }
        if (L2Entry.offset(entry) != guestCluster << clusterBits) {
            throw new CorruptImageException("cluster " + guestCluster + " is at another place in the data file");
        }
        return entry | L2Entry.EXTERNAL_BIT;
    }

    /**
     * A unit's content, as a standard L2 entry would say it: a unit is a cluster, or a subcluster where
     * there are such.
     */
    long entry(long unit) throws IOException {
        if (!header.hasSubclusters()) {
            return clusterEntry(unit);
        }
        long cluster = unit >> Subclusters.COUNT_BITS;
        long entry = clusterEntry(cluster);
        return L2Entry.isCompressed(entry) ? entry : Subclusters.entry(entry, map.bitmap(cluster),
                (int) unit & Subclusters.COUNT - 1, unitBits);
    }

    /** The content of the unit in which byte {@code offset} of the disk lies. */
    long entryAt(long offset) throws IOException {
        return entry(offset >> unitBits);
    }

    /** Where data is that is stored as {@code entry} says. */
    long placeOf(long entry, long offset) throws CorruptImageException {
        if ((L2Entry.offset(entry) & unitSize - 1) != 0) {
            map.aligned(L2Entry.offset(entry), "cluster");
        }
        return L2Entry.offset(entry) + (offset & unitSize - 1);
    }

    /** Fills {@code length} bytes of {@code memory} with the disk's; zeros past the disk's end. */
    void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        long size = Math.min(length, Math.max(0, capacity - offset));
        if (size < length) {
            zero(memory, at + size, length - size);
        }
        for (long done = 0; done < size; ) {
            long entry = entryAt(offset + done);
            long run = runLength(offset + done, size - done, entry);
            if (L2Entry.isData(entry)) {
                long host = placeOf(entry, offset + done);
                long count = files.data(offset + done - host).read(host, memory, at + done, run);
                if (count < run) {
                    endOfFile(host, memory, at + done, run, count);
                }
            } else {
                readOther(offset + done, entry, memory, at + done, run);
            }
            done += run;
        }
    }

    private static void zero(MemorySegment memory, long at, long length) {
        memory.asSlice(at, length).fill((byte) 0);
    }

    private void readOther(long offset, long entry, MemorySegment memory, long at, long length) throws IOException {
        if (L2Entry.isCompressed(entry)) {
            decompressor.read(entry, (int) (offset & (1 << clusterBits) - 1), memory, at, length);
        } else if (L2Entry.isZero(entry)) {
            zero(memory, at, length);
        } else {
            readBacking(offset, memory, at, length);
        }
    }

    /**
     * The last cluster of a file may be there in part; one that is missing as a whole was truncated. An external data
     * file may end anywhere.
     */
    private void endOfFile(long position, MemorySegment memory, long at, long length, long count) throws IOException {
        long lastCluster = position + length - 1 & -1L << clusterBits;
        if (!header.hasDataFile() && data.size() <= lastCluster) {
            throw new IOException(data.name() + " is too short for the cluster at 0x"
                    + Long.toHexString(lastCluster) + ": it has been truncated or is damaged");
        }
        zero(memory, at + count, length - count);
    }

    private void readBacking(long offset, MemorySegment memory, long at, long length) throws IOException {
        long size = backing == null ? 0 : Math.clamp(backing.capacity() - offset, 0, length);
        if (size > 0) {
            backing.read(offset, memory, at, size);
        }
        if (size < length) {
            zero(memory, at + size, length - size);
        }
    }

    /** How many bytes from {@code offset} on are stored as {@code entry} is, side by side in the file if it is data. */
    long runLength(long offset, long limit, long entry) throws IOException {
        if (L2Entry.isCompressed(entry)) {
            return Math.min((1L << clusterBits) - (offset & (1L << clusterBits) - 1), limit);
        }
        long length = unitSize - (offset & unitSize - 1);
        long unit = offset >> unitBits;
        boolean isData = L2Entry.isData(entry);
        long next = entry;
        while (length < limit) {
            next = isData ? next + unitSize : next;
            unit++;
            if (L2Entry.isUnallocated(entry)) {
                long missing = missingUnits(unit);
                if (missing > 0) {
                    length += missing << unitBits;
                    unit += missing - 1;
                    continue;
                }
            }
            long found = entry(unit);
            boolean same = isData ? found == next : L2Entry.isZero(entry) ? L2Entry.isZero(found)
                    : L2Entry.isUnallocated(found);
            if (!same) {
                break;
            }
            length += unitSize;
        }
        return Math.min(length, limit);
    }

    /** How many units from this one on have no L2 table. */
    private long missingUnits(long unit) throws IOException {
        int shift = clusterBits - unitBits;
        long cluster = unit >> shift;
        return map.table(cluster) != null ? 0
                : (cluster - map.indexInL2(cluster) + map.l2Entries() << shift) - unit;
    }

    /** True if the unit that byte {@code offset} lies in reads as zeros and no byte has to be read to know it. */
    boolean isKnownZero(long offset) throws IOException {
        long entry = entryAt(offset);
        return L2Entry.isZero(entry) || L2Entry.isUnallocated(entry)
                && (backing == null || (offset & -unitSize) >= backing.capacity());
    }

    boolean hasBacking() {
        return backing != null;
    }

    /** Compressed clusters that were read may have gone. */
    void forgetCompressed() {
        decompressor.forget();
    }

    /** Whether the bytes from {@code offset} on are known to be zeros. */
    Extent extent(long offset, long limit) throws IOException {
        long entry = entryAt(offset);
        long length = runLength(offset, limit, entry);
        if (!L2Entry.isUnallocated(entry)) {
            return new Extent(length, L2Entry.isZero(entry));
        }
        if (backing == null || offset >= backing.capacity()) {
            return new Extent(length, true);
        }
        return backing.extent(offset, Math.min(length, backing.capacity() - offset));
    }

    /** How the bytes from {@code offset} on are stored, the backing image left out. */
    BlockStatus status(long offset, long limit) throws IOException {
        long entry = entryAt(offset);
        long length = runLength(offset, limit, entry);
        if (L2Entry.isCompressed(entry)) {
            return BlockStatus.data(length);
        }
        if (L2Entry.isUnallocated(entry)) {
            return BlockStatus.unallocated(length, backing == null || offset >= backing.capacity());
        }
        if (encrypted && L2Entry.isData(entry)) {
            return BlockStatus.data(length);
        }
        boolean placed = L2Entry.isData(entry) || L2Entry.offset(entry) != 0;
        if (encrypted || !placed) {
            return BlockStatus.zeros(length);
        }
        long host = placeOf(entry, offset);
        if (L2Entry.isZero(entry)) {
            return BlockStatus.zeros(length, host, data.name());
        }
        if (isSparse()) {
            Extent stored = data.extent(host, length);
            return new BlockStatus(stored.length(), 0, true, true, stored.zero(), host, data.name());
        }
        return BlockStatus.data(length, host, data.name());
    }

    /** Whether the file has holes for data: its tables were allocated before there was any. */
    private boolean isSparse() throws IOException {
        if (sparse == null) {
            long stored = Bytes.divideUp(file.allocated(), 1L << clusterBits);
            long counted = Bytes.divideUp(file.size(), 1L << clusterBits);
            sparse = file.allocated() != BlockFile.UNKNOWN && counted >= Math.max(stored * 10 / 9, stored + 2);
        }
        return sparse;
    }
}
