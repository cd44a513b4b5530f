package jkvm.host.disk.qcow2;

import java.io.IOException;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.Preallocation;

/** Gives each cluster of a new disk, or of the new end of one, its place. */
final class Qcow2Preallocator {
    private final Qcow2Files files;
    private final Qcow2Header header;
    private final ClusterMap map;
    private long end;

    private Qcow2Preallocator(Qcow2Files files, Qcow2Header header) throws IOException {
        this.files = files;
        this.header = header;
        this.map = new ClusterMap(files, header, header.l1Offset(), header.l1Size(), true);
    }

    /**
     * Takes the room of a new image.
     *
     * @param files stay open
     */
    static void run(Qcow2Files files, Preallocation mode) throws IOException {
        if (mode != Preallocation.OFF) {
            Qcow2Preallocator preallocator = new Qcow2Preallocator(files, Qcow2Header.read(files.file()));
            preallocator.place(mode, 0);
            preallocator.finish(mode);
        }
    }

    /**
     * Takes the room of a disk's new end.
     *
     * @param files  stay open
     * @param header with the new size, which the file need not have yet
     * @param from   the first byte of the new end, at a cluster; all clusters from there on are unallocated
     */
    static void extend(Qcow2Files files, Qcow2Header header, Preallocation mode, long from) throws IOException {
        Qcow2Preallocator preallocator = new Qcow2Preallocator(files, header);
        preallocator.place(mode, from >> header.clusterBits());
        if (files.hasOtherData()) {
            mode.fill(files.data(), from, header.size() - from);
        } else if (files.data().size() < preallocator.end) {
            files.data().truncate(preallocator.end);
        }
        files.flush();
    }

    private void place(Preallocation mode, long from) throws IOException {
        long clusters = Bytes.divideUp(header.size(), header.clusterSize());
        for (long first = from; first < clusters; ) {
            map.commitIfCrowded();
            map.prepare(first);
            long inTable = Math.min(clusters, (first | header.l2Entries() - 1) + 1) - first;
            Refcounts.Run run = map.allocate(first, (int) inTable);
            long place = run.first() << header.clusterBits();
            for (int i = 0; i < run.count(); i++) {
                map.setEntry(first + i, place + ((long) i << header.clusterBits()) | L2Entry.COPIED_BIT, 0);
            }
            long length = (long) run.count() << header.clusterBits();
            // Of a new image FALLOC takes the whole file below.
            if (!files.hasOtherData() && (from > 0 || mode == Preallocation.FULL)) {
                fill(mode, run, place, length);
            }
            end = Math.max(end, place + length);
            first += run.count();
        }
        map.close();
    }

    private void fill(Preallocation mode, Refcounts.Run run, long place, long length) throws IOException {
        if (!run.fresh()) {
            // Something else was here: it must not show.
            Preallocation.FULL.fill(files.data(), place, length);
        }
        mode.fill(files.data(), place, length);
    }

    private void finish(Preallocation mode) throws IOException {
        BlockFile data = files.data();
        if (files.hasOtherData()) {
            mode.fill(data, 0, header.size());
        } else if (data.size() < end) {
            data.truncate(end);
        }
        if (mode == Preallocation.FALLOC && !files.hasOtherData() && !data.reserve(0, end)) {
            throw new IOException("the host's file system does not take room without writing: use preallocation=full");
        }
        files.flush();
    }
}
