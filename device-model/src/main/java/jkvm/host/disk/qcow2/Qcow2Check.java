package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.Repair;

/**
 * Compares the refcounts of a qcow2 file with its references, and repairs them. The file has no other user meanwhile.
 */
public final class Qcow2Check {
    private static final int CACHED_BLOCKS = 64;

    private final BlockFile file;
    private final Qcow2Header header;
    private final ReferenceCounter counter;
    private final Refcounts refcounts;
    private long tooLow;
    private long leaks;
    private long wrongFlags;
    private long end;
    /** Found by {@link #next}, whose callers ask in ascending order. */
    private long nextCovered;

    private Qcow2Check(BlockFile file, Qcow2Header header) throws IOException {
        this.file = file;
        this.header = header;
        this.counter = new ReferenceCounter(file, header);
        this.refcounts = new Refcounts(file, header, CACHED_BLOCKS, new LongSet());
    }

    /**
     * Checks an image.
     *
     * @throws IOException if that is not possible
     */
    static CheckResult check(BlockFile file, Qcow2Header header, Repair repair) throws IOException {
        if ((header.autoclear() & Qcow2Header.BITMAPS_BIT) != 0) {
            throw new IOException("the image has persistent bitmaps: checking those is not supported");
        }
        Qcow2Check check = new Qcow2Check(file, header);
        check.find();
        if (repair == Repair.NOTHING || check.tooLow + check.leaks + check.wrongFlags == 0
                || check.counter.structuralErrors() > 0) {
            return check.result(0, 0);
        }
        boolean all = repair == Repair.ALL;
        check.repair(all, true);
        Qcow2Check again = new Qcow2Check(file, Qcow2Header.read(file));
        again.find();
        if (all && again.errors() == 0 && (header.incompatible() != 0)) {
            file.flush();
            Bytes.writeLong(file, Qcow2Header.INCOMPATIBLE_FIELD, 0);
            file.flush();
        }
        return again.result(Math.max(0, check.errors() - again.errors()), Math.max(0, check.leaks - again.leaks));
    }

    /**
     * Brings the refcounts of an image up to date that was not closed well, and marks it as clean.
     *
     * @return the header as it is then
     * @throws IOException if more is wrong than that
     */
    static Qcow2Header repairDirty(BlockFile file, Qcow2Header header) throws IOException {
        Qcow2Check check = new Qcow2Check(file, header);
        check.find();
        if (check.counter.structuralErrors() > 0) {
            throw new IOException("the image was not closed and cannot be repaired: "
                    + check.counter.messages().getFirst());
        }
        // Clusters of bitmaps are not counted here.
        check.repair(true, (header.autoclear() & Qcow2Header.BITMAPS_BIT) == 0);
        file.flush();
        Bytes.writeLong(file, Qcow2Header.INCOMPATIBLE_FIELD, header.incompatible() & ~Qcow2Header.DIRTY_BIT);
        file.flush();
        return Qcow2Header.read(file);
    }

    private long errors() {
        return tooLow + wrongFlags + counter.structuralErrors();
    }

    private CheckResult result(long corruptionsFixed, long leaksFixed) {
        return new CheckResult(errors(), leaks, corruptionsFixed, leaksFixed,
                Bytes.divideUp(header.size(), header.clusterSize()), counter.allocated(), counter.fragmented(),
                counter.compressed(), end << header.clusterBits(), counter.messages());
    }

    private void find() throws IOException {
        counter.countAll(refcounts);
        if (counter.structuralErrors() > 0) {
            return;
        }
        nextCovered = -1;
        for (long cluster = next(0); cluster < counter.clusters(); cluster = next(cluster + 1)) {
            long refcount = refcounts.get(cluster);
            int count = counter.count(cluster);
            if (refcount > 0 || count > 0) {
                end = cluster + 1;
            }
            if (refcount < count) {
                tooLow++;
                counter.message("ERROR cluster " + cluster + " refcount=" + refcount + " reference=" + count);
            } else if (refcount > count) {
                leaks++;
                counter.message("Leaked cluster " + cluster + " refcount=" + refcount + " reference=" + count);
            }
        }
        forEachActiveEntry((what, position, entry) -> {
            long cluster = L2Entry.offset(entry) >> header.clusterBits();
            long refcount = refcounts.get(cluster);
            if (refcount == 1 != L2Entry.isCopied(entry)) {
                wrongFlags++;
                counter.message("ERROR OFLAG_COPIED " + what + "=" + Long.toHexString(entry) + " refcount="
                        + refcount);
            }
        });
    }

    /** The next cluster to look at: parts of the file that nothing refers to and no block counts are left out. */
    private long next(long cluster) {
        if (cluster % ReferenceCounter.PAGE_SIZE != 0) {
            return cluster;
        }
        if (nextCovered < cluster) {
            nextCovered = refcounts.nextCovered(cluster);
        }
        long next = Math.min(counter.nextPage(cluster), nextCovered);
        return Math.max(cluster, next - next % ReferenceCounter.PAGE_SIZE);
    }

    private interface EntryAction {
        void on(String what, long position, long entry) throws IOException;
    }

    /** Calls the action for each L1 and L2 entry of the disk that has a cluster of its own. */
    private void forEachActiveEntry(EntryAction action) throws IOException {
        long[] l1 = ClusterMap.readL1(file, header.l1Offset(), header.l1Size());
        MemorySegment table = Bytes.allocate(header.clusterSize());
        for (int i = 0; i < l1.length; i++) {
            long l2 = L2Entry.offset(l1[i]);
            if (l2 == 0) {
                continue;
            }
            action.on("L2 cluster: l1_entry", header.l1Offset() + 8L * i, l1[i]);
            table.fill((byte) 0);
            file.read(l2, table);
            for (int j = 0; j < header.l2Entries(); j++) {
                long entry = Bytes.getLong(table, 8L * j);
                if (!L2Entry.isCompressed(entry) && L2Entry.offset(entry) != 0) {
                    action.on("data cluster: l2_entry", l2 + 8L * j, entry);
                }
            }
        }
    }

    private void repair(boolean errors, boolean lower) throws IOException {
        refcounts.raiseEnd(file.hasFixedSize() ? end : counter.clusters());
        nextCovered = -1;
        // Not past what was found: new refcount blocks are there.
        for (long cluster = next(0); cluster < end; cluster = next(cluster + 1)) {
            long refcount = refcounts.get(cluster);
            int count = counter.count(cluster);
            if (errors && refcount < count || lower && refcount > count) {
                refcounts.set(cluster, count);
            }
            if (refcounts.isCrowded()) {
                save();
            }
        }
        save();
        refcounts.applyFrees();
        save();
        if (errors) {
            forEachActiveEntry((what, position, entry) -> {
                boolean only = refcounts.get(L2Entry.offset(entry) >> header.clusterBits()) == 1;
                if (only != L2Entry.isCopied(entry)) {
                    Bytes.writeLong(file, position, entry ^ L2Entry.COPIED_BIT);
                }
            });
            file.flush();
        }
    }

    private void save() throws IOException {
        refcounts.write();
        file.flush();
        refcounts.markClean();
    }
}
