package jkvm.host.disk.vhdx;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;

/**
 * The regions of a file and the disk's properties, from the region table and the metadata.
 *
 * @param tableOffset where the table of blocks is
 * @param tableLength its size in bytes
 * @param blockSize   in bytes
 * @param size        of the disk, in bytes
 * @param sectorSize  of the disk's logical sectors
 * @param regions     ranges of the file without blocks: header section, log, table, metadata
 */
record VhdxLayout(long tableOffset, long tableLength, int blockSize, long size, int sectorSize, List<Range> regions) {
    private static final int MIB = VhdxHeader.MIB;
    private static final long[] REGION_TABLES = {3 << 16, 4 << 16};
    private static final int REGION_TABLE_LENGTH = 1 << 16, REGION_HEADER = 16, REGION_ENTRY = 32, MAX_REGIONS = 2047;
    private static final int METADATA_TABLE_LENGTH = 1 << 16, METADATA_HEADER = 32, METADATA_ENTRY = 32;
    private static final int MAX_ITEMS = 2047, MAX_ITEM_LENGTH = 1 << 20;
    private static final int REQUIRED_REGION = 1, REQUIRED_ITEM = 4, HAS_PARENT = 2;
    private static final String REGION_SIGNATURE = "regi", METADATA_SIGNATURE = "metadata";
    private static final Guid TABLE_REGION = Guid.of("2dc27766-f623-4200-9d64-115e9bfd4a08"),
            METADATA_REGION = Guid.of("8b7ca206-4790-4b9a-b8fe-575f050f886e");
    private static final Guid PARAMETERS_ITEM = Guid.of("caa16737-fa36-4d43-b3b6-33f0aa44e76b"),
            SIZE_ITEM = Guid.of("2fa54224-cd1b-4876-b211-5dbed83bf4b8"),
            PAGE83_ITEM = Guid.of("beca12ab-b2e6-4523-93ef-c309e000c746"),
            LOGICAL_SECTOR_ITEM = Guid.of("8141bf1d-a96f-4709-ba47-f233a8faab5f"),
            PHYSICAL_SECTOR_ITEM = Guid.of("cda348c7-445d-4471-9cc9-e9885251c556"),
            PARENT_ITEM = Guid.of("a8d35f2d-b30b-454d-abf7-d3d84834ab0c");
    private static final List<Guid> KNOWN_ITEMS = List.of(PARAMETERS_ITEM, SIZE_ITEM, PAGE83_ITEM, LOGICAL_SECTOR_ITEM,
            PHYSICAL_SECTOR_ITEM, PARENT_ITEM);
    static final int MIN_BLOCK = MIB, MAX_BLOCK = 256 * MIB;
    static final long MAX_SIZE = 64L << 40;
    /** Sectors that a block of the sectors' bitmap describes. */
    private static final long SECTORS_PER_BITMAP = 1 << 23;
    private static final int SECTOR = 512;

    VhdxLayout {
        regions = List.copyOf(regions);
    }

    /** Bytes of the file from {@code from} to before {@code to}. */
    record Range(long from, long to) {
        boolean overlaps(long otherFrom, long otherTo) {
            return from < otherTo && otherFrom < to;
        }
    }

    /** @throws IOException if the tables are damaged, or ask for what is not supported */
    static VhdxLayout read(BlockFile file, VhdxHeader header) throws IOException {
        List<Range> regions = new ArrayList<>(List.of(new Range(0, MIB)));
        add(regions, "log", header.logOffset(), header.logLength());
        Map<Guid, Range> found = readRegions(file, regions);
        Range table = found.get(TABLE_REGION);
        Range metadata = found.get(METADATA_REGION);
        if (table == null || metadata == null) {
            throw new IOException("the table of blocks or the metadata is missing");
        }
        VhdxLayout layout = readMetadata(file, table, metadata, regions);
        layout.check();
        return layout;
    }

    private static void add(List<Range> regions, String what, long offset, long length) throws IOException {
        if (offset < MIB || offset % MIB != 0 || length % MIB != 0 || offset > Long.MAX_VALUE - length) {
            throw new IOException("the " + what + " has an invalid place: " + length + " bytes at " + offset);
        }
        for (Range each : regions) {
            if (each.overlaps(offset, offset + length)) {
                throw new IOException("VHDX region " + offset + "-" + (offset + length) + " overlaps with region "
                        + each.from + "-" + each.to);
            }
        }
        regions.add(new Range(offset, offset + length));
    }

    private static Map<Guid, Range> readRegions(BlockFile file, List<Range> regions) throws IOException {
        MemorySegment bytes = null;
        for (long offset : REGION_TABLES) {
            MemorySegment table = Bytes.allocate(REGION_TABLE_LENGTH);
            if (bytes == null && file.read(offset, table) == REGION_TABLE_LENGTH
                    && Fields.hasSignature(table, REGION_SIGNATURE) && Fields.hasRightChecksum(table)) {
                bytes = table;
            }
        }
        if (bytes == null) {
            throw new IOException("neither region table is valid");
        }
        ByteBuffer fields = Fields.of(bytes);
        int count = fields.getInt(8);
        if (count < 0 || count > MAX_REGIONS) {
            throw new IOException("the region table has " + Integer.toUnsignedString(count) + " entries");
        }
        Map<Guid, Range> found = new HashMap<>();
        for (int i = 0, at = REGION_HEADER; i < count; i++, at += REGION_ENTRY) {
            Guid id = Guid.read(bytes, at);
            long offset = fields.getLong(at + 16);
            long length = Integer.toUnsignedLong(fields.getInt(at + 24));
            boolean known = id.equals(TABLE_REGION) || id.equals(METADATA_REGION);
            if (!known && (fields.getInt(at + 28) & REQUIRED_REGION) != 0) {
                throw new IOException("the file has a region of an unknown kind that is required");
            }
            add(regions, "region " + i, offset, length);
            if (found.put(id, new Range(offset, offset + length)) != null) {
                throw new IOException("the file has two regions of one kind");
            }
        }
        return found;
    }

    private static VhdxLayout readMetadata(BlockFile file, Range table, Range metadata, List<Range> regions)
            throws IOException {
        MemorySegment bytes = Bytes.readFully(file, metadata.from, METADATA_TABLE_LENGTH, "the metadata table");
        ByteBuffer fields = Fields.of(bytes);
        int count = Short.toUnsignedInt(fields.getShort(10));
        if (!Fields.hasSignature(bytes, METADATA_SIGNATURE) || count > MAX_ITEMS) {
            throw new IOException("the metadata table is damaged");
        }
        Map<Guid, ByteBuffer> items = new HashMap<>();
        for (int i = 0, at = METADATA_HEADER; i < count; i++, at += METADATA_ENTRY) {
            Guid id = Guid.read(bytes, at);
            if (!KNOWN_ITEMS.contains(id)) {
                if ((fields.getInt(at + 24) & REQUIRED_ITEM) != 0) {
                    throw new IOException("the metadata has an unknown item that is required");
                }
                continue;
            }
            long offset = Integer.toUnsignedLong(fields.getInt(at + 16));
            long length = Integer.toUnsignedLong(fields.getInt(at + 20));
            if (length > MAX_ITEM_LENGTH || offset < METADATA_TABLE_LENGTH
                    || offset + length > metadata.to - metadata.from) {
                throw new IOException("an item of the metadata lies outside of it");
            }
            MemorySegment item = Bytes.readFully(file, metadata.from + offset, length, "the metadata");
            if (items.put(id, Fields.of(item)) != null) {
                throw new IOException("the metadata has an item twice");
            }
        }
        ByteBuffer parameters = item(items, PARAMETERS_ITEM, 8);
        if ((parameters.getInt(4) & HAS_PARENT) != 0) {
            throw new IOException("the image is a differencing disk, which is not supported");
        }
        return new VhdxLayout(table.from, table.to - table.from, parameters.getInt(0),
                item(items, SIZE_ITEM, 8).getLong(0), item(items, LOGICAL_SECTOR_ITEM, 4).getInt(0), regions);
    }

    private static ByteBuffer item(Map<Guid, ByteBuffer> items, Guid id, int length) throws IOException {
        ByteBuffer item = items.get(id);
        if (item == null || item.capacity() < length) {
            throw new IOException("the metadata lacks an item that each disk has");
        }
        return item;
    }

    private void check() throws IOException {
        if (Integer.bitCount(blockSize) != 1 || blockSize < MIN_BLOCK || blockSize > MAX_BLOCK) {
            throw new IOException("the size of a block is invalid: " + Integer.toUnsignedString(blockSize));
        }
        if (sectorSize != SECTOR && sectorSize != 8 * SECTOR) {
            throw new IOException("the size of a sector is invalid: " + Integer.toUnsignedString(sectorSize));
        }
        if (size < 0 || size > MAX_SIZE || size % sectorSize != 0) {
            throw new IOException("the disk's size is invalid: " + Long.toUnsignedString(size));
        }
        if (tableLength < 8 * entryCount(blocks(), blocksPerBitmap())) {
            throw new IOException("the table of blocks is too small");
        }
    }

    long blocks() {
        return Bytes.divideUp(size, blockSize);
    }

    /** Blocks between two entries of the sectors' bitmap, which disks without a parent do not use. */
    long blocksPerBitmap() {
        return SECTORS_PER_BITMAP * sectorSize / blockSize;
    }

    static long entryCount(long blocks, long blocksPerBitmap) {
        return blocks == 0 ? 0 : blocks + (blocks - 1) / blocksPerBitmap;
    }

    /** Writes both region tables and the metadata of a new disk. */
    void write(BlockFile file, long metadataOffset) throws IOException {
        MemorySegment table = Bytes.allocate(REGION_TABLE_LENGTH);
        Fields.putSignature(table, REGION_SIGNATURE);
        Fields.of(table).putInt(8, 2);
        putRegion(table, 0, TABLE_REGION, tableOffset, tableLength);
        putRegion(table, 1, METADATA_REGION, metadataOffset, MIB);
        Fields.putChecksum(table);
        for (long offset : REGION_TABLES) {
            file.write(offset, table);
        }
        MemorySegment metadata = Bytes.allocate(2 * METADATA_TABLE_LENGTH);
        Fields.putSignature(metadata, METADATA_SIGNATURE);
        ByteBuffer fields = Fields.of(metadata);
        fields.putShort(10, (short) 5);
        int at = METADATA_TABLE_LENGTH;
        fields.putInt(at, blockSize).putLong(at + 8, size).putInt(at + 32, sectorSize).putInt(at + 36, sectorSize);
        Guid.random().write(metadata, at + 16);
        putItem(metadata, 0, PARAMETERS_ITEM, at, 8, 4);
        putItem(metadata, 1, SIZE_ITEM, at + 8, 8, 6);
        putItem(metadata, 2, PAGE83_ITEM, at + 16, Guid.SIZE, 6);
        putItem(metadata, 3, LOGICAL_SECTOR_ITEM, at + 32, 4, 6);
        putItem(metadata, 4, PHYSICAL_SECTOR_ITEM, at + 36, 4, 6);
        file.write(metadataOffset, metadata);
    }

    private static void putRegion(MemorySegment table, int index, Guid id, long offset, long length) {
        int at = REGION_HEADER + index * REGION_ENTRY;
        id.write(table, at);
        Fields.of(table).putLong(at + 16, offset).putInt(at + 24, (int) length).putInt(at + 28, REQUIRED_REGION);
    }

    /** @param flags of the virtual disk: 2, required: 4 */
    private static void putItem(MemorySegment metadata, int index, Guid id, int offset, int length, int flags) {
        int at = METADATA_HEADER + index * METADATA_ENTRY;
        id.write(metadata, at);
        Fields.of(metadata).putInt(at + 16, offset).putInt(at + 20, length).putInt(at + 24, flags);
    }
}
