package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.InternalSnapshot;

/**
 * Counts how often each cluster of a qcow2 file is referred to, and notes what cannot be right. One wrong entry does
 * not keep the others from being counted.
 */
final class ReferenceCounter {
    private static final long MAX_CLUSTERS = 1L << 38;
    private static final long L1_RESERVED_MASK = 0x7f000000000001ffL, L2_RESERVED_MASK = 0x3f000000000001feL;
    /** References to places past the end of the file that a repair has to know. */
    private static final int MAX_LOST = 1 << 20;

    private final BlockFile file;
    private final Qcow2Header header;
    private final CheckTally tally;
    private final StoredRefcounts refcounts;
    private final boolean repair;
    private final MetadataGuard guard;
    private final ReferenceCounts counts = new ReferenceCounts();
    private final LongSet lost = new LongSet();
    private long fileSize;
    private boolean needsRebuild;
    private long allocated;
    private long fragmented;
    private long compressed;

    /** @param repair whether entries are repaired that no refcount can mend */
    ReferenceCounter(BlockFile file, Qcow2Header header, CheckTally tally, StoredRefcounts refcounts, boolean repair)
            throws IOException {
        this.file = file;
        this.header = header;
        this.tally = tally;
        this.refcounts = refcounts;
        this.repair = repair;
        this.guard = new MetadataGuard(file, header);
        this.fileSize = file.size();
        if (Bytes.divideUp(fileSize, header.clusterSize()) > MAX_CLUSTERS) {
            throw new IOException("the file is too large to check");
        }
    }

    /** Clusters of the file, the last maybe in part; one more if there is a reference to it. */
    long clusters() {
        return Math.max(Bytes.divideUp(fileSize, header.clusterSize()), counts.end());
    }

    ReferenceCounts counts() {
        return counts;
    }

    /** Whether something refers to a place past the end of the file, where nothing else may be put. */
    boolean isLost(long cluster) {
        return lost.contains(cluster);
    }

    /** Whether the refcount blocks are so wrong that they have to be made anew. */
    boolean needsRebuild() {
        return needsRebuild;
    }

    long allocated() {
        return allocated;
    }

    long fragmented() {
        return fragmented;
    }

    long compressed() {
        return compressed;
    }

    /** Counts all references that there are. */
    void countAll() throws IOException {
        add(0, header.clusterSize());
        countL1(header.l1Offset(), header.l1Size(), true);
        if (header.snapshotCount() > 0) {
            countSnapshots();
        }
        add(header.refcountOffset(), (long) header.refcountClusters() << header.clusterBits());
        add(header.encryption().offset(), header.encryption().length());
        new BitmapDirectory(file, header).forEachPlace((what, offset, length) -> add(offset, length));
        countBlocks();
    }

    private void countSnapshots() throws IOException {
        SnapshotTable table = new SnapshotTable(file, header);
        List<InternalSnapshot> snapshots = table.readUnchecked();
        for (InternalSnapshot snapshot : snapshots) {
            String name = "ERROR snapshot " + snapshot.id() + " (" + snapshot.name() + ") ";
            if ((snapshot.l1Offset() & header.clusterSize() - 1) != 0) {
                tally.corruption(name + "l1_offset=" + CheckTally.hex(snapshot.l1Offset())
                        + ": L1 table is not cluster aligned; snapshot table entry corrupted");
            } else if (Integer.compareUnsigned(snapshot.l1Size(), Qcow2Header.MAX_L1_BYTES / 8) > 0) {
                tally.corruption(name + "l1_size=" + CheckTally.hex(Integer.toUnsignedLong(snapshot.l1Size()))
                        + ": L1 table is too large; snapshot table entry corrupted");
            } else {
                countL1(snapshot.l1Offset(), snapshot.l1Size(), false);
            }
        }
        add(header.snapshotsOffset(), table.length());
    }

    private void add(long offset, long length) throws IOException {
        if (length == 0) {
            return;
        }
        if (offset < 0 || offset + length - fileSize >= header.clusterSize()) {
            tally.corruption("ERROR: counting reference for region exceeding the end of the file by one cluster or"
                    + " more: offset " + CheckTally.hex(offset) + " size " + CheckTally.hex(length));
            for (long at = offset; at < offset + length && lost.size() < MAX_LOST; at += header.clusterSize()) {
                lost.add(at >>> header.clusterBits());
            }
            return;
        }
        long last = offset + length - 1 >> header.clusterBits();
        for (long cluster = offset >> header.clusterBits(); cluster <= last; cluster++) {
            if (!refcounts.width().fits(counts.get(cluster) + 1L)) {
                tally.corruption("ERROR: overflow cluster offset=" + CheckTally.hex(cluster << header.clusterBits()));
                tally.say("Use qemu-img amend to increase the refcount entry width or qemu-img convert to create a"
                        + " clean copy if the image cannot be opened for writing");
            } else {
                counts.add(cluster, 1);
            }
        }
    }

    private void countL1(long offset, int size, boolean active) throws IOException {
        add(offset, 8L * size);
        MemorySegment l1 = Bytes.allocate(Math.max(8L, 8L * size));
        file.read(offset, l1);
        MemorySegment table = Bytes.allocate(header.clusterSize());
        for (int i = 0; i < size; i++) {
            long entry = Bytes.getLong(l1, 8L * i);
            if (entry == 0) {
                continue;
            }
            if ((entry & L1_RESERVED_MASK) != 0) {
                tally.corruption("ERROR found L1 entry with reserved bits set: " + Long.toHexString(entry));
            }
            long l2 = L2Entry.offset(entry);
            add(l2, header.clusterSize());
            if ((l2 & header.clusterSize() - 1) != 0) {
                tally.corruption("ERROR l2_offset=" + Long.toHexString(l2)
                        + ": Table is not cluster aligned; L1 entry corrupted");
            }
            table.fill((byte) 0);
            file.read(l2, table);
            countL2(l2, table, active);
        }
    }

    private void countL2(long offset, MemorySegment table, boolean active) throws IOException {
        long nextContiguous = 0;
        long step = 8L * header.l2EntryWords();
        for (int i = 0; i < header.l2Entries(); i++) {
            long entry = Bytes.getLong(table, step * i);
            if (header.hasSubclusters()) {
                checkSubclusters(i, entry, Bytes.getLong(table, step * i + 8));
            }
            if (L2Entry.isCompressed(entry)) {
                countCompressed(entry, active);
                continue;
            }
            if ((entry & L2_RESERVED_MASK) != 0) {
                tally.corruption("ERROR found l2 entry with reserved bits set: " + Long.toHexString(entry));
            }
            long place = L2Entry.offset(entry);
            boolean first = header.hasDataFile() && L2Entry.isCopied(entry);
            if (place == 0 && !first || isMisplaced(entry, place) && becomesZero(entry, offset, i, active)) {
                continue;
            }
            if (active) {
                allocated++;
                fragmented += nextContiguous != 0 && place != nextContiguous ? 1 : 0;
                nextContiguous = place + header.clusterSize();
            }
            if (!header.hasDataFile()) {
                add(place, header.clusterSize());
            }
        }
    }

    private void checkSubclusters(int index, long entry, long bitmap) {
        if (L2Entry.isCompressed(entry) ? bitmap != 0 : Subclusters.isInvalid(entry & ~L2Entry.ZERO_BIT, bitmap)
                && !header.hasDataFile()) {
            tally.corruption("ERROR " + (L2Entry.isCompressed(entry) ? "compressed " : "") + "cluster " + index
                    + " of an L2 table with an invalid subcluster allocation bitmap, entry=0x"
                    + Long.toHexString(entry));
        }
    }

    private void countCompressed(long entry, boolean active) throws IOException {
        long plain = entry;
        if (L2Entry.isCopied(entry)) {
            tally.corruption("ERROR: coffset=" + CheckTally.hex(L2Entry.compressedOffset(entry, header.clusterBits()))
                    + ": copied flag must never be set for compressed clusters");
            plain &= ~L2Entry.COPIED_BIT;
        }
        add(L2Entry.compressedOffset(plain, header.clusterBits()),
                L2Entry.compressedLength(plain, header.clusterBits()));
        if (active) {
            allocated++;
            compressed++;
            fragmented++;
        }
    }

    private boolean isMisplaced(long entry, long place) {
        if ((place & header.clusterSize() - 1) == 0) {
            return false;
        }
        boolean zero = L2Entry.isZero(entry);
        tally.corruption((zero && repair ? "Repairing" : "ERROR") + " offset=" + Long.toHexString(place) + ": "
                + (zero ? "Preallocated" : "Data") + " cluster is not properly aligned; L2 entry corrupted.");
        return true;
    }

    /** A misplaced cluster that holds no data is given up. @return whether it was */
    private boolean becomesZero(long entry, long table, int index, boolean active) throws IOException {
        if (!repair || header.hasSubclusters() || !L2Entry.isZero(entry)) {
            return false;
        }
        if (!guard.mayWriteL2(table, active)) {
            tally.checkError("ERROR: Overlap check failed");
            return false;
        }
        Bytes.writeLong(file, table + 8L * index, L2Entry.ZERO_BIT);
        file.flush();
        tally.fixed(1);
        return true;
    }

    private void countBlocks() throws IOException {
        for (int i = 0; i < refcounts.tableLength(); i++) {
            long offset = refcounts.blockOffset(i);
            long cluster = offset >>> header.clusterBits();
            if (refcounts.hasReservedBits(i)) {
                tally.corruption("ERROR refcount table entry " + i + " has reserved bits set");
                needsRebuild = true;
            } else if ((offset & header.clusterSize() - 1) != 0) {
                tally.corruption("ERROR refcount block " + i
                        + " is not cluster aligned; refcount table entry corrupted");
                needsRebuild = true;
            } else if (cluster >= clusters()) {
                blockOutside(i);
            } else if (offset != 0) {
                countBlock(i, offset);
            }
        }
    }

    private void blockOutside(int index) {
        tally.corruption((repair ? "Repairing" : "ERROR") + " refcount block " + index + " is outside image");
        needsRebuild |= repair;
    }

    private void countBlock(int index, long offset) throws IOException {
        add(offset, header.clusterSize());
        int count = counts.get(offset >>> header.clusterBits());
        if (count != 1) {
            tally.corruption("ERROR refcount block " + index + " refcount=" + count);
            needsRebuild = true;
        }
    }
}
