package jkvm.host.disk.qcow2;

import java.io.IOException;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.ImageException;

/**
 * Gives refcounts another width: new blocks and a new table beside the old ones, then one write of the header. A crash
 * leaves the old ones or the new ones, and maybe clusters that nothing uses.
 */
final class RefcountChange {
    /** As often QEMU goes through the table, by which it tells the progress. */
    private static final int WALKS = 3;

    private final BlockFile file;
    private final int order;

    /** @param order logarithm of the new width in bits */
    RefcountChange(BlockFile file, int order) {
        this.file = file;
        this.order = order;
    }

    void run(AmendProgress progress) throws IOException {
        Qcow2Header header = new Qcow2Tables(file).header();
        long tableEntries = ((long) header.refcountClusters() << header.clusterBits()) / Long.BYTES;
        progress.start(WALKS * tableEntries);
        StringBuilder lines = new StringBuilder();
        CheckTally tally = new CheckTally(line -> lines.append(line).append('\n'));
        ReferenceCounter counter = new ReferenceCounter(file, header, tally, new StoredRefcounts(file, header), false);
        counter.countAll();
        if (!tally.isClean() || counter.needsRebuild()) {
            throw new IOException("the image is damaged: repair it first (check -r all): " + lines);
        }
        requireRoom(header, counter.counts());
        RefcountRebuild rebuild = new RefcountRebuild(file, header, counter, order);
        rebuild.write();
        use(rebuild);
        freeOld(header);
        progress.end();
    }

    private void requireRoom(Qcow2Header header, ReferenceCounts counts) throws IOException {
        RefcountWidth width = new RefcountWidth(order);
        for (long cluster = counts.nextPage(0, counts.end()); cluster < counts.end(); ) {
            if (!width.fits(counts.get(cluster))) {
                throw new ImageException(DiskException.Kind.INVALID_OPTION, "Cannot decrease refcount entry width to "
                        + (1 << order) + " bits: Cluster at offset 0x" + Long.toHexString(cluster
                        << header.clusterBits()) + " has a refcount of " + counts.get(cluster));
            }
            cluster++;
            cluster = cluster % ReferenceCounts.PAGE_SIZE == 0 ? counts.nextPage(cluster, counts.end()) : cluster;
        }
    }

    /** Makes the header refer to the new table, and name the new width, in one write of a sector. */
    private void use(RefcountRebuild rebuild) throws IOException {
        int from = Qcow2Header.REFCOUNT_TABLE_FIELD;
        var fields = Bytes.readFully(file, from, Qcow2Header.REFCOUNT_ORDER_FIELD + Integer.BYTES - from,
                "the header");
        Bytes.putLong(fields, 0, rebuild.tableOffset());
        Bytes.putInt(fields, 8, rebuild.tableClusters());
        Bytes.putInt(fields, Qcow2Header.REFCOUNT_ORDER_FIELD - from, order);
        file.write(from, fields);
        file.flush();
    }

    private void freeOld(Qcow2Header old) throws IOException {
        StoredRefcounts refcounts = new StoredRefcounts(file, old);
        Qcow2Tables tables = new Qcow2Tables(file);
        for (int i = 0; i < refcounts.tableLength(); i++) {
            if (refcounts.blockOffset(i) != 0) {
                tables.freeTable(refcounts.blockOffset(i), old.clusterSize());
            }
        }
        tables.freeTable(old.refcountOffset(), (long) old.refcountClusters() << old.clusterBits());
        tables.save();
    }
}
