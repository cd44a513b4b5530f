package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;

/**
 * Where the persistent bitmaps of a qcow2 file are (docs/interop/qcow2, "Bitmaps"): a directory, for each bitmap a
 * table, and the clusters that the table refers to.
 */
final class BitmapDirectory {
    private static final int EXTENSION = 0x23852875, EXTENSION_SIZE = 24;
    private static final int ENTRY_SIZE = 24, MAX_BITMAPS = 65535, MAX_BYTES = 64 << 20, MAX_TABLE = 32 << 20;

    private final BlockFile file;
    private final Qcow2Header header;

    BitmapDirectory(BlockFile file, Qcow2Header header) {
        this.file = file;
        this.header = header;
    }

    /**
     * Gives all places of bitmaps to {@code sink}; none where the image says that they are not up to date.
     *
     * @throws IOException if the directory is damaged
     */
    void forEachPlace(MetadataLayout.Sink sink) throws IOException {
        MemorySegment extension = (header.autoclear() & Qcow2Header.BITMAPS_BIT) == 0 ? null
                : Qcow2Header.extension(file, header, EXTENSION);
        if (extension == null) {
            return;
        }
        long count = Integer.toUnsignedLong(Bytes.getInt(extension, 0));
        long size = Bytes.getLong(extension, 8);
        long offset = Bytes.getLong(extension, 16);
        if (extension.byteSize() != EXTENSION_SIZE || count > MAX_BITMAPS || size < 0 || size > MAX_BYTES) {
            throw new IOException("the directory of bitmaps is damaged");
        }
        sink.add("bitmap directory", offset, size);
        MemorySegment directory = Bytes.readFully(file, offset, size, "the directory of bitmaps");
        long at = 0;
        for (long i = 0; i < count; i++) {
            if (at + ENTRY_SIZE > size) {
                throw new IOException("the directory of bitmaps is damaged");
            }
            forEachCluster(Bytes.getLong(directory, at), Bytes.getInt(directory, at + 8), sink);
            at += Bytes.roundUp(ENTRY_SIZE + Bytes.getShort(directory, at + 18)
                    + Integer.toUnsignedLong(Bytes.getInt(directory, at + 20)), 8);
        }
    }

    private void forEachCluster(long offset, int entries, MetadataLayout.Sink sink) throws IOException {
        if (entries < 0 || entries > MAX_TABLE / 8) {
            throw new IOException("a bitmap's table is too large: " + Integer.toUnsignedString(entries));
        }
        sink.add("bitmap table", offset, 8L * entries);
        MemorySegment table = Bytes.readFully(file, offset, 8L * entries, "a bitmap's table");
        for (int i = 0; i < entries; i++) {
            long place = L2Entry.offset(Bytes.getLong(table, 8L * i));
            if (place != 0) {
                sink.add("bitmap", place, header.clusterSize());
            }
        }
    }
}
