package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;

/**
 * Where the persistent bitmaps of a qcow2 file are (docs/interop/qcow2, "Bitmaps"): a directory, for each bitmap a
 * table, and the clusters that the table refers to.
 */
final class BitmapDirectory {
    static final int EXTENSION = 0x23852875, MAX_BITMAPS = 65535;
    static final long ALL_ONES = 1;
    private static final int EXTENSION_SIZE = 24;
    private static final int MAX_BYTES = 64 << 20, MAX_TABLE = 32 << 20;

    private final BlockFile file;
    private final Qcow2Header header;

    BitmapDirectory(BlockFile file, Qcow2Header header) {
        this.file = file;
        this.header = header;
    }

    /** The header extension's content; null if there are no bitmaps, or those that there are are out of date. */
    MemorySegment extension() throws IOException {
        return (header.autoclear() & Qcow2Header.BITMAPS_BIT) == 0 ? null
                : Qcow2Header.extension(file, header, EXTENSION);
    }

    /**
     * The entries of the directory.
     *
     * @return none where the image says that they are not up to date
     * @throws IOException if the directory is damaged
     */
    List<StoredBitmap> read() throws IOException {
        MemorySegment extension = extension();
        List<StoredBitmap> entries = new ArrayList<>();
        if (extension == null) {
            return entries;
        }
        require(extension.byteSize() == EXTENSION_SIZE);
        long count = Integer.toUnsignedLong(Bytes.getInt(extension, 0));
        long size = size(extension);
        require(count <= MAX_BITMAPS && size >= 0 && size <= MAX_BYTES);
        MemorySegment directory = Bytes.readFully(file, offset(extension), size, "the directory of bitmaps");
        long at = 0;
        for (long i = 0; i < count; i++) {
            require(at + StoredBitmap.FIXED_SIZE <= size);
            int nameSize = Bytes.getShort(directory, at + 18);
            long extra = Integer.toUnsignedLong(Bytes.getInt(directory, at + 20));
            long end = at + StoredBitmap.FIXED_SIZE + extra + nameSize;
            require(end <= size);
            byte[] name = directory.asSlice(end - nameSize, nameSize).toArray(ValueLayout.JAVA_BYTE);
            entries.add(new StoredBitmap(new String(name, StandardCharsets.UTF_8), offset(extension) + at,
                    Bytes.getLong(directory, at), Bytes.getInt(directory, at + 8),
                    Bytes.getInt(directory, at + StoredBitmap.FLAGS_FIELD),
                    directory.get(ValueLayout.JAVA_BYTE, at + 16), directory.get(ValueLayout.JAVA_BYTE, at + 17),
                    extra));
            at = Bytes.roundUp(end, 8);
        }
        return entries;
    }

    /** The header extension's content. */
    static MemorySegment encode(int count, long size, long offset) {
        MemorySegment extension = Bytes.allocate(EXTENSION_SIZE);
        Bytes.putInt(extension, 0, count);
        Bytes.putLong(extension, 8, size);
        Bytes.putLong(extension, 16, offset);
        return extension;
    }

    static long size(MemorySegment extension) {
        return Bytes.getLong(extension, 8);
    }

    static long offset(MemorySegment extension) {
        return Bytes.getLong(extension, 16);
    }

    private static void require(boolean condition) throws IOException {
        if (!condition) {
            throw new IOException("the directory of bitmaps is damaged");
        }
    }

    /**
     * Gives all places of bitmaps to {@code sink}; none where the image says that they are not up to date.
     *
     * @throws IOException if the directory is damaged
     */
    void forEachPlace(MetadataLayout.Sink sink) throws IOException {
        List<StoredBitmap> entries = read();
        MemorySegment extension = extension();
        if (extension != null) {
            sink.add("bitmap directory", offset(extension), size(extension));
        }
        for (StoredBitmap each : entries) {
            MemorySegment table = table(each);
            sink.add("bitmap table", each.tableOffset(), table.byteSize());
            for (long at = 0; at < table.byteSize(); at += 8) {
                long place = L2Entry.offset(Bytes.getLong(table, at));
                if (place != 0) {
                    sink.add("bitmap", place, header.clusterSize());
                }
            }
        }
    }

    /** A bitmap's table: offsets of clusters. */
    MemorySegment table(StoredBitmap bitmap) throws IOException {
        int entries = bitmap.tableSize();
        if (entries < 0 || entries > MAX_TABLE / 8) {
            throw new IOException("a bitmap's table is too large: " + Integer.toUnsignedString(entries));
        }
        return Bytes.readFully(file, bitmap.tableOffset(), 8L * entries, "a bitmap's table");
    }

    /** Reads the bits of a bitmap that is not in use. */
    BitSet load(StoredBitmap bitmap, long capacity) throws IOException {
        bitmap.check(capacity, header.clusterSize());
        int count = (int) bitmap.bits(capacity);
        BitSet bits = new BitSet(count);
        MemorySegment table = table(bitmap);
        MemorySegment cluster = Bytes.allocate(header.clusterSize());
        long perCluster = 8L * header.clusterSize();
        for (int i = 0; i < bitmap.tableSize(); i++) {
            long entry = Bytes.getLong(table, 8L * i);
            long first = i * perCluster;
            int end = (int) Math.min(count, first + perCluster);
            if (L2Entry.offset(entry) != 0) {
                cluster.fill((byte) 0);
                file.read(L2Entry.offset(entry), cluster);
                BitSet part = BitSet.valueOf(cluster.toArray(ValueLayout.JAVA_BYTE));
                for (int bit = part.nextSetBit(0); bit >= 0 && first + bit < end; bit = part.nextSetBit(bit + 1)) {
                    bits.set((int) first + bit);
                }
            } else if ((entry & ALL_ONES) != 0) {
                bits.set((int) first, end);
            }
        }
        return bits;
    }

    /** Writes an entry's flags to where it is. */
    void writeFlags(StoredBitmap bitmap, int flags) throws IOException {
        MemorySegment bytes = Bytes.allocate(4);
        Bytes.putInt(bytes, 0, flags);
        file.write(bitmap.place() + StoredBitmap.FLAGS_FIELD, bytes);
    }
}
