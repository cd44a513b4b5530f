package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.InternalSnapshot;
import jkvm.linux.Fd;

/**
 * Takes the zero flag from all entries, which version 2 does not have: such clusters become unallocated, or data that
 * is zeros. Each table shows the same before and after.
 *
 * <p>A cluster that other tables refer to is theirs: it is not written, but given up, and the zeros get a place of
 * their own. (qemu-img 7.2 writes zeros into it, and a snapshot loses its data.)
 */
final class ZeroExpansion {
    private final BlockFile file;
    private final Qcow2Tables tables;
    private final Qcow2Header header;
    private final LongSet seen = new LongSet();

    ZeroExpansion(BlockFile file) throws IOException {
        this.file = file;
        tables = new Qcow2Tables(file);
        header = tables.header();
    }

    void run(AmendProgress progress) throws IOException {
        List<long[]> all = new ArrayList<>(List.of(tables.activeL1()));
        for (InternalSnapshot each : new SnapshotTable(file, header).read()) {
            all.add(ClusterMap.readL1(file, each.l1Offset(), each.l1Size()));
        }
        progress.begin(all.stream().mapToLong(each -> each.length).sum());
        tables.begin();
        for (long[] l1 : all) {
            for (long entry : l1) {
                long offset = L2Entry.offset(entry);
                if (offset != 0 && seen.add(offset)) {
                    expand(offset);
                }
                progress.step();
            }
        }
        tables.writeFlags(false);
        tables.end();
        progress.end();
    }

    private void expand(long offset) throws IOException {
        MemorySegment table = Bytes.readFully(file, offset, header.clusterSize(), "an L2 table");
        long owners = tables.refcount(offset >> header.clusterBits());
        List<Long> dropped = new ArrayList<>();
        boolean changed = false;
        for (long at = 0; at < table.byteSize(); at += Long.BYTES) {
            long entry = Bytes.getLong(table, at);
            if (L2Entry.isZero(entry)) {
                Bytes.putLong(table, at, expanded(entry, owners, dropped));
                changed = true;
            }
        }
        if (!changed) {
            return;
        }
        tables.save();
        file.write(offset, table);
        file.flush();
        for (long cluster : dropped) {
            for (long i = 0; i < owners; i++) {
                tables.drop(cluster, true);
            }
        }
    }

    /** The entry without the flag. */
    private long expanded(long entry, long owners, List<Long> dropped) throws IOException {
        long place = L2Entry.offset(entry);
        long cluster = place >> header.clusterBits();
        if (place != 0 && tables.isTable(cluster)) {
            throw new CorruptImageException("cluster " + cluster + " is data, and a table too");
        }
        if (place != 0 && tables.refcount(cluster) == owners) {
            writeZeros(place);
            return entry & ~L2Entry.ZERO_BIT;
        }
        if (place != 0) {
            dropped.add(cluster);
        }
        if (header.backingFile() == null) {
            return 0;
        }
        long fresh = tables.allocate(1);
        for (long i = 1; i < owners; i++) {
            tables.raise(fresh >> header.clusterBits());
        }
        writeZeros(fresh);
        return fresh;
    }

    private void writeZeros(long place) throws IOException {
        if (place + header.clusterSize() > file.size() || !file.zero(place, header.clusterSize(), false)) {
            try (Arena arena = Arena.ofConfined()) {
                file.write(place, arena.allocate(header.clusterSize(), Fd.DIRECT_ALIGNMENT));
            }
        }
    }
}
