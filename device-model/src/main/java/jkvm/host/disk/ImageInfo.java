package jkvm.host.disk;

import java.nio.file.Path;
import java.util.List;

/**
 * The content of an image's header.
 *
 * @param format        which kind it is
 * @param virtualSize   of the disk, in bytes
 * @param allocatedSize bytes that the file takes on the host
 * @param backingFile   the backing file's name as it is stored, or null
 * @param backingPath   where that is, or null; only who knows the image's place can tell
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

    /** The same, with the place of the backing file. */
    public ImageInfo withBackingPath(Path value) {
        return new ImageInfo(format, virtualSize, allocatedSize, backingFile, value, backingFormat, qcow2);
    }
}
