package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DirtyBits;
import jkvm.host.disk.DiskImage;

/** Adds, changes and removes persistent bitmaps of an image that no one else uses. */
final class BitmapEditor {
    private static final int DEFAULT_MIN = 4096, DEFAULT_MAX = 65536;

    private final BlockFile file;
    private final Qcow2Header header;
    private final BitmapDirectory directory;
    private final List<StoredBitmap> entries;
    private final long capacity;

    BitmapEditor(BlockFile file) throws IOException {
        this.file = file;
        header = Qcow2Header.read(file);
        capacity = header.size() & -DiskImage.SECTOR_SIZE;
        directory = new BitmapDirectory(file, header);
        entries = directory.read();
        for (StoredBitmap each : entries) {
            each.check(capacity, header.clusterSize());
        }
    }

    private StoredBitmap find(String name) throws IOException {
        return entries.stream().filter(each -> each.name().equals(name)).findFirst()
                .orElseThrow(() -> new IOException("Dirty bitmap '" + name + "' not found"));
    }

    private StoredBitmap findUsable(String name) throws IOException {
        StoredBitmap found = find(name);
        if (found.isInUse()) {
            throw new IOException("Bitmap '" + name + "' is inconsistent and cannot be used: remove it from the image");
        }
        return found;
    }

    DirtyBits bits(String name) throws IOException {
        StoredBitmap found = findUsable(name);
        return new DirtyBits(capacity, found.granularityBits(), directory.load(found, capacity));
    }

    /** @param granularity in bytes; 0 for QEMU's default */
    void add(String name, long granularity) throws IOException {
        long unit = granularity == 0 ? Math.clamp(header.clusterSize(), DEFAULT_MIN, DEFAULT_MAX) : granularity;
        int bits = Long.numberOfTrailingZeros(unit);
        if (Long.bitCount(unit) != 1 || bits < StoredBitmap.MIN_GRANULARITY_BITS
                || bits > StoredBitmap.MAX_GRANULARITY_BITS) {
            throw new IOException("Granularity must be power of 2 and at least 512");
        }
        if (entries.stream().anyMatch(each -> each.name().equals(name))) {
            throw new IOException("Bitmap already exists: " + name);
        }
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > StoredBitmap.MAX_NAME) {
            throw new IOException("a bitmap's name has from 1 to " + StoredBitmap.MAX_NAME + " bytes");
        }
        if (capacity == 0) {
            throw new IOException("a disk without any byte has no bitmaps");
        }
        if (header.version() < 3) {
            throw new IOException("Cannot store dirty bitmaps in qcow2 v2 files");
        }
        if (entries.size() == BitmapDirectory.MAX_BITMAPS) {
            throw new IOException("Maximum number of persistent bitmaps is already reached");
        }
        StoredBitmap wanted = new StoredBitmap(name, -1, 0, 0, StoredBitmap.AUTO, StoredBitmap.DIRTY_TRACKING, bits, 0);
        requireRoom(wanted, capacity);
        Qcow2Tables tables = new Qcow2Tables(file);
        int tableSize = (int) wanted.clusters(capacity, header.clusterSize());
        long table = tableSize == 0 ? 0 : tables.write(Bytes.allocate(8L * tableSize));
        entries.add(new StoredBitmap(name, -1, table, tableSize, wanted.flags(), wanted.type(), bits, 0));
        replaceDirectory(tables);
    }

    void remove(String name) throws IOException {
        StoredBitmap found = find(name);
        MemorySegment table = directory.table(found);
        entries.remove(found);
        Qcow2Tables tables = new Qcow2Tables(file);
        replaceDirectory(tables);
        for (long at = 0; at < table.byteSize(); at += 8) {
            long place = L2Entry.offset(Bytes.getLong(table, at));
            if (place != 0) {
                tables.freeTable(place, header.clusterSize());
            }
        }
        tables.freeTable(found.tableOffset(), table.byteSize());
        tables.save();
    }

    /** Writes the directory anew, and makes it the header's in one write. */
    private void replaceDirectory(Qcow2Tables tables) throws IOException {
        MemorySegment old = directory.extension();
        MemorySegment extension = null;
        if (!entries.isEmpty()) {
            MemorySegment bytes = Bytes.allocate(entries.stream().mapToLong(each -> each.encode().byteSize()).sum());
            long at = 0;
            for (StoredBitmap each : entries) {
                MemorySegment entry = each.encode();
                bytes.asSlice(at).copyFrom(entry);
                at += entry.byteSize();
            }
            extension = BitmapDirectory.encode(entries.size(), at, tables.write(bytes));
        }
        long others = tables.header().autoclear() & ~Qcow2Header.BITMAPS_BIT;
        tables.writeHeader(new HeaderCluster(file, tables.header()).withExtension(BitmapDirectory.EXTENSION, extension)
                .withLong(Qcow2Header.AUTOCLEAR_FIELD, extension == null ? others
                        : others | Qcow2Header.BITMAPS_BIT));
        if (old != null) {
            tables.freeTable(BitmapDirectory.offset(old), BitmapDirectory.size(old));
        }
        tables.save();
    }

    /**
     * A bitmap that is not in the image for a time.
     *
     * @param granularity bytes for a bit
     */
    record Kept(String name, long granularity, boolean enabled, BitSet bits) {
    }

    /**
     * Takes all bitmaps out, so that the disk may get another size.
     *
     * @param size of the disk after that
     * @throws IOException if one could not be put back; none is taken out then
     */
    List<Kept> takeAll(long size) throws IOException {
        List<Kept> kept = new ArrayList<>();
        for (StoredBitmap each : entries) {
            if (each.isInUse()) {
                throw new IOException("Cannot resize qcow2 image with inconsistent bitmap '" + each.name()
                        + "': remove it first");
            }
            requireRoom(each, size);
            kept.add(new Kept(each.name(), 1L << each.granularityBits(), each.isEnabled(),
                    directory.load(each, capacity)));
        }
        for (Kept each : kept) {
            new BitmapEditor(file).remove(each.name);
        }
        return kept;
    }

    /** Puts bitmaps into an image that has none; what is new of the disk was not written. */
    static void putBack(BlockFile file, List<Kept> bitmaps) throws IOException {
        for (Kept each : bitmaps) {
            new BitmapEditor(file).add(each.name, each.granularity);
            BitmapEditor editor = new BitmapEditor(file);
            StoredBitmap stored = editor.find(each.name);
            each.bits.clear((int) stored.bits(editor.capacity), Math.max(each.bits.length(),
                    (int) stored.bits(editor.capacity)));
            editor.save(stored, each.bits);
            if (!each.enabled) {
                editor.enable(each.name, false);
            }
        }
    }

    private static void requireRoom(StoredBitmap bitmap, long size) throws IOException {
        if (bitmap.bits(size) > Integer.MAX_VALUE) {
            throw new IOException("Too much space will be occupied by the bitmap. Use larger granularity");
        }
    }

    void enable(String name, boolean enabled) throws IOException {
        StoredBitmap found = findUsable(name);
        directory.writeFlags(found, enabled ? found.flags() | StoredBitmap.AUTO : found.flags() & ~StoredBitmap.AUTO);
        file.flush();
    }

    void clear(String name) throws IOException {
        save(findUsable(name), new BitSet());
    }

    void merge(String name, DirtyBits source) throws IOException {
        DirtyBits target = bits(name);
        if (source.capacity() != capacity) {
            throw new IOException("Bitmaps are of different sizes (destination size is " + capacity
                    + " and source size is " + source.capacity() + "), can't merge");
        }
        source.addTo(target);
        save(find(name), target.bits());
    }

    private void save(StoredBitmap bitmap, BitSet bits) throws IOException {
        directory.writeFlags(bitmap, bitmap.flags() | StoredBitmap.IN_USE);
        file.flush();
        new BitmapStore(file, new Qcow2Tables(file)).save(bitmap, bits);
        file.flush();
        directory.writeFlags(bitmap, bitmap.flags());
        file.flush();
    }
}
