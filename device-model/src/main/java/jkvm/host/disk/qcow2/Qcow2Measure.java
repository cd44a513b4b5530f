package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.MeasuredSize;

/** Counts the clusters of a qcow2 file before it is made. */
final class Qcow2Measure {
    private final int clusterSize;
    private final int entrySize;
    private final int refcountBits;

    /** @param entrySize of an L2 entry: 8 bytes, or 16 with subclusters */
    Qcow2Measure(int clusterSize, int entrySize, int refcountBits) {
        this.clusterSize = clusterSize;
        this.entrySize = entrySize;
        this.refcountBits = refcountBits;
    }

    /**
     * Measures an image.
     *
     * @param size      of the disk
     * @param allocated whether all of it is allocated from the start
     * @param source    the disk that is copied into it
     */
    MeasuredSize measure(long size, boolean allocated, Optional<DiskImage> source) throws IOException {
        long disk = Bytes.roundUp(size, clusterSize);
        long data = allocated ? disk : source.isPresent() ? dataOf(source.get()) : 0;
        long tables = tables(disk);
        OptionalLong bitmaps = source.filter(image -> image.format() == ImageFormat.QCOW2).isPresent()
                ? OptionalLong.of(0) : OptionalLong.empty();
        return new MeasuredSize(tables + data, tables + disk, bitmaps);
    }

    /** Bytes of the clusters that hold the image's data. */
    private long dataOf(DiskImage image) throws IOException {
        long data = 0;
        for (long at = 0; at < image.capacity(); ) {
            BlockStatus status = BlockStatus.inChain(image, at, image.capacity() - at);
            if (status.zero() || !status.data()) {
                at += status.length();
            } else {
                long end = Bytes.roundUp(at + status.length(), clusterSize);
                data += end - (at & -clusterSize);
                at = end;
            }
        }
        return data;
    }

    /** Bytes of the header and all tables of a disk that is written as a whole. */
    private long tables(long disk) {
        long l2 = Bytes.divideUp(disk / clusterSize * entrySize, clusterSize);
        long l1 = Bytes.divideUp(l2 * Long.BYTES, clusterSize);
        long others = 1 + l2 + l1;
        return (others + refcounts(others + disk / clusterSize)) * clusterSize;
    }

    /** Clusters of refcount blocks and their table: they count themselves too. */
    private long refcounts(long clusters) {
        long perBlock = clusterSize * 8L / refcountBits;
        long blocks = 0;
        long table = 0;
        long before;
        do {
            before = blocks + table;
            blocks = Bytes.divideUp(clusters + before, perBlock);
            table = Bytes.divideUp(blocks * Long.BYTES, clusterSize);
        } while (blocks + table != before);
        return blocks + table;
    }
}
