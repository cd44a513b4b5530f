package jkvm.host.disk;

import java.util.List;
import jkvm.json.Json;

/**
 * The content of an image's header.
 *
 * @param format        which kind it is
 * @param virtualSize   of the disk, in bytes
 * @param allocatedSize bytes that the file takes on the host, or {@link BlockFile#UNKNOWN}
 * @param clusterSize   the unit in which the image takes space, in bytes; 0 if there is none
 * @param encrypted     whether its data is
 * @param dirty         whether it was not closed well
 * @param backingFile   the backing file's name as it is stored, or null
 * @param backingPath   the name by which it is opened, or null; only who knows the image's place can tell
 * @param backingFormat the backing file's format as it is stored, or null
 * @param snapshots     internal ones
 * @param specific      the format's own properties, under QEMU's names; empty if there are none
 */
public record ImageInfo(ImageFormat format, long virtualSize, long allocatedSize, long clusterSize, boolean encrypted,
        boolean dirty, String backingFile, String backingPath, String backingFormat, List<InternalSnapshot> snapshots,
        Json.Members specific) {

    public ImageInfo {
        snapshots = List.copyOf(snapshots);
    }

    /** Of a plain image; the methods below add to it. */
    public static ImageInfo of(ImageFormat format, long virtualSize, long allocatedSize) {
        return new ImageInfo(format, virtualSize, allocatedSize, 0, false, false, null, null, null, List.of(),
                Json.Members.empty());
    }

    public ImageInfo withClusterSize(long value) {
        return new ImageInfo(format, virtualSize, allocatedSize, value, encrypted, dirty, backingFile, backingPath,
                backingFormat, snapshots, specific);
    }

    public ImageInfo withEncrypted(boolean value) {
        return new ImageInfo(format, virtualSize, allocatedSize, clusterSize, value, dirty, backingFile, backingPath,
                backingFormat, snapshots, specific);
    }

    public ImageInfo withDirty(boolean value) {
        return new ImageInfo(format, virtualSize, allocatedSize, clusterSize, encrypted, value, backingFile,
                backingPath, backingFormat, snapshots, specific);
    }

    /** @param stored the backing file's format, or null; {@code file} its name, or null */
    public ImageInfo withBacking(String file, String stored) {
        return new ImageInfo(format, virtualSize, allocatedSize, clusterSize, encrypted, dirty, file, backingPath,
                stored, snapshots, specific);
    }

    public ImageInfo withBackingPath(String value) {
        return new ImageInfo(format, virtualSize, allocatedSize, clusterSize, encrypted, dirty, backingFile, value,
                backingFormat, snapshots, specific);
    }

    public ImageInfo withSnapshots(List<InternalSnapshot> value) {
        return new ImageInfo(format, virtualSize, allocatedSize, clusterSize, encrypted, dirty, backingFile,
                backingPath, backingFormat, value, specific);
    }

    public ImageInfo withSpecific(Json.Members value) {
        return new ImageInfo(format, virtualSize, allocatedSize, clusterSize, encrypted, dirty, backingFile,
                backingPath, backingFormat, snapshots, value);
    }
}
