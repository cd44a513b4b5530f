package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskImage;

/**
 * The first cluster of a qcow2 file, to be written anew: the header's fields, its extensions, the backing file's name.
 * Extensions that are not known here stay as they are.
 */
final class HeaderCluster {
    private static final int VERSION_FIELD = 4, NAME_FIELD = 8, LENGTH_FIELD = 100;
    private static final int EXTENSION_HEADER = 8;

    private final BlockFile file;
    private final MemorySegment old;
    private final long oldName;
    private final long oldNameEnd;
    private MemorySegment fields;
    private Map<Integer, MemorySegment> extensions;
    private MemorySegment name;

    /** Reads what the file has now. */
    HeaderCluster(BlockFile file, Qcow2Header header) throws IOException {
        this.file = file;
        old = Bytes.allocate(header.clusterSize());
        file.read(0, old);
        int length = header.version() >= 3 ? Bytes.getInt(old, LENGTH_FIELD) : Qcow2Header.V2_LENGTH;
        fields = resized(old, length);
        extensions = Qcow2Header.extensions(old, length, header.clusterSize());
        oldName = Bytes.getLong(old, NAME_FIELD);
        int nameLength = oldName == 0 ? 0 : Bytes.getInt(old, NAME_FIELD + 8);
        name = old.asSlice(oldName, nameLength);
        oldNameEnd = oldName + nameLength;
    }

    private static MemorySegment resized(MemorySegment bytes, int length) {
        MemorySegment copy = Bytes.allocate(length);
        return copy.copyFrom(bytes.asSlice(0, Math.min(length, bytes.byteSize())));
    }

    /** @param content null if there is to be no such extension */
    HeaderCluster withExtension(int type, MemorySegment content) {
        if (content == null) {
            extensions.remove(type);
        } else {
            extensions.put(type, content);
        }
        return this;
    }

    /** The extension is a text. */
    HeaderCluster withExtension(int type, String text) {
        return withExtension(type, MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
    }

    HeaderCluster withInt(int field, int value) {
        Bytes.putInt(fields, field, value);
        return this;
    }

    HeaderCluster withLong(int field, long value) {
        Bytes.putLong(fields, field, value);
        return this;
    }

    /**
     * Names another backing file, or none.
     *
     * @throws IOException if the name is too long
     */
    HeaderCluster withBacking(Optional<String> backing, Optional<String> format) throws IOException {
        byte[] bytes = backing.orElse("").getBytes(StandardCharsets.UTF_8);
        if (bytes.length > Qcow2Header.MAX_BACKING_NAME) {
            throw new IOException("the name is too long");
        }
        name = MemorySegment.ofArray(bytes);
        Map<Integer, MemorySegment> others = extensions;
        others.remove(Qcow2Header.BACKING_FORMAT_EXTENSION);
        extensions = new LinkedHashMap<>();
        if (backing.isPresent() && format.isPresent()) {
            withExtension(Qcow2Header.BACKING_FORMAT_EXTENSION, format.get());
        }
        extensions.putAll(others);
        return this;
    }

    /** Makes a header of version 2 one of version 3 with no new feature. */
    HeaderCluster asVersion3() {
        fields = resized(fields, Qcow2Header.USUAL_V3_LENGTH);
        Bytes.putInt(fields, VERSION_FIELD, 3);
        Bytes.putInt(fields, Qcow2Header.REFCOUNT_ORDER_FIELD, Qcow2Header.V2_REFCOUNT_ORDER);
        Bytes.putInt(fields, LENGTH_FIELD, Qcow2Header.USUAL_V3_LENGTH);
        // Names of features are for messages only: not where they would lie on an old name.
        if (oldNameEnd <= DiskImage.SECTOR_SIZE && old.byteSize() > 2 * DiskImage.SECTOR_SIZE) {
            withExtension(Qcow2Header.FEATURE_NAMES_EXTENSION, MemorySegment.ofArray(Qcow2Creator.featureNames()));
        }
        return this;
    }

    /** Makes a header of version 3, which has no features, one of version 2. */
    HeaderCluster asVersion2() {
        fields = resized(fields, Qcow2Header.V2_LENGTH);
        Bytes.putInt(fields, VERSION_FIELD, 2);
        extensions.remove(Qcow2Header.FEATURE_NAMES_EXTENSION);
        extensions.remove(BitmapDirectory.EXTENSION);
        return this;
    }

    /**
     * Writes the cluster; durable when it returns. The first sector comes last: until then the old one is valid, whose
     * name stays where it is.
     *
     * @throws IOException if not all fits into the cluster; nothing is written then
     */
    void write() throws IOException {
        MemorySegment cluster = layOut();
        file.flush();
        if (cluster.byteSize() > DiskImage.SECTOR_SIZE) {
            file.write(DiskImage.SECTOR_SIZE, cluster.asSlice(DiskImage.SECTOR_SIZE));
            file.flush();
        }
        file.write(0, cluster.asSlice(0, DiskImage.SECTOR_SIZE));
        file.flush();
    }

    /** Unused bytes stay: until the first sector is written the old name may be there. */
    private MemorySegment layOut() throws IOException {
        MemorySegment cluster = Bytes.allocate(old.byteSize());
        cluster.copyFrom(old);
        long at = put(cluster, 0, fields);
        for (Map.Entry<Integer, MemorySegment> each : extensions.entrySet()) {
            long size = each.getValue().byteSize();
            MemorySegment extension = Bytes.allocate(EXTENSION_HEADER + Bytes.roundUp(size, 8));
            Bytes.putInt(extension, 0, each.getKey());
            Bytes.putInt(extension, 4, (int) size);
            MemorySegment.copy(each.getValue(), 0, extension, EXTENSION_HEADER, size);
            at = put(cluster, at, extension);
        }
        at = put(cluster, at, Bytes.allocate(EXTENSION_HEADER));
        boolean overlaps = at < oldNameEnd && at + name.byteSize() > oldName;
        if (overlaps && oldNameEnd + name.byteSize() <= cluster.byteSize()) {
            at = oldNameEnd;
        }
        put(cluster, at, name);
        Bytes.putLong(cluster, NAME_FIELD, name.byteSize() == 0 ? 0 : at);
        Bytes.putInt(cluster, NAME_FIELD + 8, (int) name.byteSize());
        return cluster;
    }

    /** @return where it ends */
    private long put(MemorySegment cluster, long at, MemorySegment bytes) throws IOException {
        requireRoom(at, bytes.byteSize());
        MemorySegment.copy(bytes, 0, cluster, at, bytes.byteSize());
        return at + bytes.byteSize();
    }

    private void requireRoom(long at, long size) throws IOException {
        if (size > old.byteSize() - at) {
            throw new IOException("No space left in the file header");
        }
    }
}
