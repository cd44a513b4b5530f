package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.Repair;

/**
 * Compares the refcounts of a qcow2 file with its references, and repairs them. The file has no other user meanwhile.
 *
 * <p>References come first: they say which clusters are in use. Then a refcount that is too high is a leak, one that is
 * too low an error, and one of zero where there is a reference means that the refcount blocks are wrong: they are made
 * anew. Last come the flags that say whether a cluster has one reference only.
 */
public final class Qcow2Check {
    private final BlockFile file;
    private final Repair repair;
    private Qcow2Header header;
    private CheckTally tally;
    private StoredRefcounts refcounts;
    private ReferenceCounter counter;
    private boolean needsRebuild;
    /** One past the last cluster that is in use. */
    private long end;

    private Qcow2Check(BlockFile file, Qcow2Header header, Repair repair, Consumer<String> lines) {
        this.file = file;
        this.header = header;
        this.repair = repair;
        this.tally = new CheckTally(lines);
    }

    /**
     * Checks an image.
     *
     * @param lines takes a line for each error and repair
     * @throws IOException if that is not possible, or the repair that was asked for does not reach
     */
    static CheckResult check(BlockFile file, Qcow2Header header, Repair repair, Consumer<String> lines)
            throws IOException {
        Qcow2Check check = new Qcow2Check(file, header, repair, lines);
        check.run();
        return check.result();
    }

    /**
     * Brings the refcounts of an image up to date that was not closed well, and marks it as clean.
     *
     * @return the header as it is then
     * @throws IOException if more is wrong than that
     */
    static Qcow2Header repairDirty(BlockFile file, Qcow2Header header) throws IOException {
        StringBuilder lines = new StringBuilder();
        Qcow2Check look = new Qcow2Check(file, header, Repair.NOTHING, line -> lines.append(line).append('\n'));
        look.count();
        if (!look.tally.isClean()) {
            throw new IOException("the image was not closed and cannot be repaired: "
                    + lines.substring(0, lines.indexOf("\n")));
        }
        check(file, header, Repair.ALL, line -> { });
        return Qcow2Header.read(file);
    }

    private void run() throws IOException {
        count();
        CheckTally counted = tally.copy();
        compare(Repair.NOTHING);
        if (needsRebuild && repair == Repair.ALL) {
            rebuild();
        } else if (needsRebuild && repair == Repair.LEAKS) {
            tally.say("ERROR need to rebuild refcount structures");
            throw new IOException("the refcounts have to be made anew, which is a repair of all errors");
        } else if (repair != Repair.NOTHING && tally.corruptions() + tally.leaks() > 0) {
            tally = counted;
            compare(repair);
        }
        checkFlags();
        if (repair != Repair.NOTHING && tally.checkErrors() == 0 && tally.corruptions() == 0) {
            markGood();
        }
    }

    private void count() throws IOException {
        refcounts = new StoredRefcounts(file, header);
        counter = new ReferenceCounter(file, header, tally, refcounts, repair == Repair.ALL);
        counter.countAll();
        needsRebuild = counter.needsRebuild();
    }

    private CheckResult result() {
        return new CheckResult(tally.corruptions(), tally.leaks(), tally.checkErrors(), tally.corruptionsFixed(),
                tally.leaksFixed(), Bytes.divideUp(header.size(), header.clusterSize()), counter.allocated(),
                counter.fragmented(), counter.compressed(), end << header.clusterBits());
    }

    /** Compares the refcounts with the references that were counted, and repairs what {@code allowed} says. */
    private void compare(Repair allowed) throws IOException {
        LongSet freed = new LongSet();
        end = 1;
        long clusters = counter.clusters();
        for (long cluster = next(0, clusters); cluster < clusters; cluster = next(cluster + 1, clusters)) {
            if (!refcounts.isReadable(cluster)) {
                tally.checkError("Can't get refcount for cluster " + cluster + ": Input/output error");
                continue;
            }
            long refcount = refcounts.get(cluster);
            int count = counter.counts().get(cluster);
            if (refcount != 0 || count != 0) {
                end = cluster + 1;
            }
            if (refcount != count) {
                needsRebuild |= refcount == 0;
                if (differs(cluster, refcount, count, allowed) && count == 0) {
                    freed.add(cluster);
                }
            }
        }
        refcounts.save();
        for (long cluster : freed.toArray()) {
            punch(cluster);
        }
    }

    /** @return whether it was repaired */
    private boolean differs(long cluster, long refcount, int count, Repair allowed) throws IOException {
        boolean leak = Long.compareUnsigned(refcount, count) > 0;
        boolean fixes = refcount != 0 && (leak ? allowed != Repair.NOTHING : allowed == Repair.ALL);
        String text = (fixes ? "Repairing" : leak ? "Leaked" : "ERROR") + " cluster " + cluster + " refcount="
                + Long.toUnsignedString(refcount) + " reference=" + count;
        if (fixes) {
            refcounts.set(cluster, count);
        }
        if (leak && fixes) {
            tally.fixedLeak(text);
        } else if (leak) {
            tally.leak(text);
        } else if (fixes) {
            tally.fixedError(text);
        } else {
            tally.corruption(text);
        }
        return fixes;
    }

    private void punch(long cluster) {
        try {
            file.punch(cluster << header.clusterBits(), header.clusterSize());
        } catch (IOException e) {
            // It keeps its room, no more.
            return;
        }
    }

    /** The next cluster to look at: parts of the file that nothing refers to and no block counts are left out. */
    private long next(long cluster, long clusters) {
        if (cluster % ReferenceCounts.PAGE_SIZE != 0) {
            return cluster;
        }
        long next = Math.min(counter.counts().nextPage(cluster, clusters), refcounts.nextCovered(cluster));
        return Math.max(cluster, next - next % ReferenceCounts.PAGE_SIZE);
    }

    private void rebuild() throws IOException {
        CheckTally before = tally;
        tally.say("Rebuilding refcount structure");
        RefcountRebuild rebuild = new RefcountRebuild(file, header, counter, header.refcountOrder());
        rebuild.write();
        rebuild.use();
        header = Qcow2Header.readUnchecked(file);
        tally = before.copy();
        tally.restart();
        count();
        // What the old blocks took is a leak that this repair has made: it does not count.
        CheckTally counted = tally.copy();
        compare(Repair.LEAKS);
        if (needsRebuild) {
            counted.say("ERROR rebuilt refcount structure is still broken");
        }
        tally = counted;
        tally.countFixedSince(before);
    }

    /** Compares the flags of the disk's own entries with the refcounts. */
    private void checkFlags() throws IOException {
        boolean fixes = repair == Repair.ALL || repair == Repair.LEAKS && tally.isClean();
        MetadataGuard guard = new MetadataGuard(file, header);
        MemorySegment l1 = Bytes.allocate(Math.max(8L, 8L * header.l1Size()));
        file.read(header.l1Offset(), l1);
        MemorySegment table = Bytes.allocate(header.clusterSize());
        for (int i = 0; i < header.l1Size(); i++) {
            long entry = Bytes.getLong(l1, 8L * i);
            long l2 = L2Entry.offset(entry);
            if (l2 == 0 || !refcounts.isReadable(l2 >> header.clusterBits())) {
                continue;
            }
            if (isWrong(entry, "L2 cluster: l1_index=" + i + " l1_entry=", fixes)) {
                Bytes.writeLong(file, header.l1Offset() + 8L * i, entry ^ L2Entry.COPIED_BIT);
                tally.fixed(1);
            }
            table.fill((byte) 0);
            file.read(l2, table);
            checkFlags(l2, table, guard, fixes);
        }
        if (fixes) {
            file.flush();
        }
    }

    private void checkFlags(long l2, MemorySegment table, MetadataGuard guard, boolean fixes) throws IOException {
        if (header.hasDataFile()) {
            return;
        }
        int wrong = 0;
        long step = 8L * header.l2EntryWords();
        for (int j = 0; j < header.l2Entries(); j++) {
            long entry = Bytes.getLong(table, step * j);
            if (!L2Entry.isCompressed(entry) && L2Entry.offset(entry) != 0
                    && refcounts.isReadable(L2Entry.offset(entry) >> header.clusterBits())
                    && isWrong(entry, "data cluster: l2_entry=", fixes)) {
                Bytes.putLong(table, step * j, entry ^ L2Entry.COPIED_BIT);
                wrong++;
            }
        }
        if (wrong > 0) {
            if (!guard.mayWriteL2(l2, true)) {
                tally.checkError("ERROR: Could not write L2 table; metadata overlap check failed: Input/output error");
                throw new IOException("an L2 table lies on another table");
            }
            file.write(l2, table);
            tally.fixed(wrong);
        }
    }

    /** @return whether the flag is to be changed */
    private boolean isWrong(long entry, String what, boolean fixes) throws IOException {
        long refcount = refcounts.get(L2Entry.offset(entry) >> header.clusterBits());
        if (refcount == 1 == L2Entry.isCopied(entry)) {
            return false;
        }
        tally.corruption((fixes ? "Repairing" : "ERROR") + " OFLAG_COPIED " + what + Long.toHexString(entry)
                + " refcount=" + Long.toUnsignedString(refcount));
        return fixes;
    }

    /** The marks of an image that was not closed, or was found to be corrupt, are not true any more. */
    private void markGood() throws IOException {
        long marks = Qcow2Header.DIRTY_BIT | Qcow2Header.CORRUPT_BIT;
        if ((header.incompatible() & marks) != 0) {
            file.flush();
            Bytes.writeLong(file, Qcow2Header.INCOMPATIBLE_FIELD, header.incompatible() & ~marks);
            file.flush();
        }
    }
}
