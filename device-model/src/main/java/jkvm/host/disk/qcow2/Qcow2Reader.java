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
    private final ClusterMap map;
    private final DiskImage backing;
    private final Decompressor decompressor;
    private final int clusterBits;
    private final boolean zeroFlag;
    private final long capacity;
    /** Null until it is known. */
    private volatile Boolean sparse;

    /** @param backing what unallocated clusters show, or null for zeros */
    Qcow2Reader(BlockFile file, Qcow2Header header, ClusterMap map, DiskImage backing, long capacity) {
        this.file = file;
        this.map = map;
        this.backing = backing;
        this.clusterBits = header.clusterBits();
        this.decompressor = new Decompressor(file, clusterBits);
        this.zeroFlag = header.version() >= 3;
        this.capacity = capacity;
    }

    /** The L2 entry of a cluster of the disk, refused if it is not one of this version. */
    long entry(long guestCluster) throws IOException {
        long entry = map.entry(guestCluster);
        if (L2Entry.isZero(entry) && !zeroFlag) {
            throw new CorruptImageException("a version 2 image has a zero flag at cluster " + guestCluster);
        }
        return entry;
    }

    /** Fills {@code length} bytes of {@code memory} with the disk's; zeros past the disk's end. */
    void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        long size = Math.min(length, Math.max(0, capacity - offset));
        if (size < length) {
            zero(memory, at + size, length - size);
        }
        for (long done = 0; done < size; ) {
            long entry = entry(offset + done >> clusterBits);
            long run = runLength(offset + done, size - done, entry);
            if (L2Entry.isData(entry)) {
                long host = map.aligned(L2Entry.offset(entry), "cluster") + (offset + done & (1 << clusterBits) - 1);
                long count = file.read(host, memory, at + done, run);
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

    /** The last cluster of a file may be there in part; one that is missing as a whole was truncated. */
    private void endOfFile(long position, MemorySegment memory, long at, long length, long count) throws IOException {
        long lastCluster = position + length - 1 & -1L << clusterBits;
        if (file.size() <= lastCluster) {
            throw new IOException(file.name() + " is too short for the cluster at 0x"
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
        long clusterSize = 1L << clusterBits;
        long length = clusterSize - (offset & clusterSize - 1);
        long cluster = offset >> clusterBits;
        if (L2Entry.isCompressed(entry)) {
            return Math.min(length, limit);
        }
        boolean data = L2Entry.isData(entry);
        long next = entry;
        while (length < limit) {
            next = data ? next + clusterSize : next;
            cluster++;
            if (L2Entry.isUnallocated(entry) && map.table(cluster) == null) {
                long missing = map.l2Entries() - map.indexInL2(cluster);
                length += missing << clusterBits;
                cluster += missing - 1;
                continue;
            }
            long found = entry(cluster);
            boolean same = data ? found == next : L2Entry.isZero(entry) ? L2Entry.isZero(found)
                    : L2Entry.isUnallocated(found);
            if (!same) {
                break;
            }
            length += clusterSize;
        }
        return Math.min(length, limit);
    }

    /** True if the cluster reads as zeros and no byte has to be read to know it. */
    boolean isKnownZero(long guestCluster) throws IOException {
        long entry = entry(guestCluster);
        return L2Entry.isZero(entry) || L2Entry.isUnallocated(entry)
                && (backing == null || guestCluster << clusterBits >= backing.capacity());
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
        long entry = entry(offset >> clusterBits);
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
        long entry = entry(offset >> clusterBits);
        long length = runLength(offset, limit, entry);
        if (L2Entry.isUnallocated(entry)) {
            return BlockStatus.unallocated(length, backing == null || offset >= backing.capacity());
        }
        if (L2Entry.isCompressed(entry)) {
            return BlockStatus.data(length);
        }
        if (L2Entry.offset(entry) == 0) {
            return BlockStatus.zeros(length);
        }
        long host = L2Entry.offset(entry) + (offset & (1 << clusterBits) - 1);
        if (L2Entry.isZero(entry)) {
            return BlockStatus.zeros(length, host, file.name());
        }
        if (isSparse()) {
            Extent stored = file.extent(host, length);
            return new BlockStatus(stored.length(), 0, true, true, stored.zero(), host, file.name());
        }
        return BlockStatus.data(length, host, file.name());
    }

    /** Whether the file has holes for data: its tables were allocated before there was any. */
    private boolean isSparse() throws IOException {
        if (sparse == null) {
            long stored = Bytes.divideUp(file.allocated(), 1L << clusterBits);
            long counted = Bytes.divideUp(file.size(), 1L << clusterBits);
            sparse = counted >= Math.max(stored * 10 / 9, stored + 2);
        }
        return sparse;
    }
}
