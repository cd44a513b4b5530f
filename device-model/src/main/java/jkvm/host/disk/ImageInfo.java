package jkvm.host.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The content of an image's header.
 *
 * @param format        which kind it is
 * @param virtualSize   of the disk, in bytes
 * @param allocatedSize bytes that the file takes on the host
 * @param backingFile   the backing file's name as it is stored, or null
 * @param backingPath   where that is, or null
 * @param backingFormat the backing file's format as it is stored, or null
 * @param qcow2         what only qcow2 has; null for others
 */
public record ImageInfo(ImageFormat format, long virtualSize, long allocatedSize, String backingFile, Path backingPath,
        String backingFormat, Qcow2 qcow2) {

    /**
     * Properties of a qcow2 image.
     *
     * @param refcountBits a refcount's width
     * @param dirty        whether it was not closed well
     */
    public record Qcow2(int version, int clusterSize, boolean lazyRefcounts, int refcountBits, boolean corrupt,
            boolean dirty, List<InternalSnapshot> snapshots) {

        public Qcow2 {
            snapshots = List.copyOf(snapshots);
        }
    }

    static ImageInfo of(BlockFile file, ImageFormat format, Path path) throws IOException {
        if (format == ImageFormat.RAW) {
            long size = Bytes.roundUp(file.size(), DiskImage.SECTOR_SIZE);
            return new ImageInfo(format, size, file.allocated(), null, null, null, null);
        }
        Qcow2Header header = Qcow2Header.read(file);
        List<InternalSnapshot> snapshots = header.snapshotCount() == 0 ? List.of()
                : new SnapshotTable(file, header).read();
        Qcow2 qcow2 = new Qcow2(header.version(), header.clusterSize(), header.isLazy(), 1 << header.refcountOrder(),
                header.isCorrupt(), header.isDirty(), snapshots);
        String backing = header.backingFile();
        return new ImageInfo(format, header.size() & -DiskImage.SECTOR_SIZE, file.allocated(), backing,
                backing == null ? null : DiskImages.backingPath(path, backing), header.backingFormat(), qcow2);
    }
}
