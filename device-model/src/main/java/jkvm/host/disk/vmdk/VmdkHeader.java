package jkvm.host.disk.vmdk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskImage;

/**
 * The header of a sparse extent; numbers are little-endian, sizes and offsets in sectors.
 *
 * @param capacity          of the disk
 * @param grain             of a grain
 * @param descriptorOffset  where the descriptor is; 0 if it is in another file
 * @param entriesPerTable   grains of a grain table
 * @param redundantOffset   where the second grain directory is; unused without {@link #REDUNDANT_FLAG}
 * @param directoryOffset   where the grain directory is
 * @param overhead          where the tables end and the grains begin
 * @param footer            whether the header is the one at the end of a file that was written as a stream
 */
record VmdkHeader(int version, int flags, long capacity, long grain, long descriptorOffset, long descriptorSize,
        int entriesPerTable, long redundantOffset, long directoryOffset, long overhead, boolean compressed,
        boolean footer) {
    static final int LENGTH = 512;
    static final int MAGIC = 0x564d444b;
    /** Magic of ESX server's own sparse extents. */
    private static final int ESX_MAGIC = 0x44574f43;
    static final int NEWLINE_FLAG = 1, REDUNDANT_FLAG = 2, ZERO_GRAIN_FLAG = 4;
    static final int COMPRESSED_FLAG = 1 << 16, MARKERS_FLAG = 1 << 17;
    private static final int MAX_VERSION = 3, MAX_ENTRIES = 512, DEFLATE = 1;
    private static final long MAX_GRAIN = 0x200000, MAX_CAPACITY = 1L << 50, MAX_TABLES = 1 << 25;
    private static final byte[] NEWLINES = {'\n', ' ', '\r', '\n'};
    /** The offset of a grain directory that a footer tells. */
    private static final long AT_END = -1;
    private static final int FOOTER_MARKER = 3;
    private static final int VERSION_FIELD = 4, FLAGS_FIELD = 8, CAPACITY_FIELD = 12, GRAIN_FIELD = 20;
    private static final int DESCRIPTOR_OFFSET_FIELD = 28, DESCRIPTOR_SIZE_FIELD = 36, ENTRIES_FIELD = 44;
    private static final int REDUNDANT_FIELD = 48, DIRECTORY_FIELD = 56, OVERHEAD_FIELD = 64;
    private static final int NEWLINES_FIELD = 73, ALGORITHM_FIELD = 77;

    /** Whether a file begins as a sparse extent does. */
    static boolean isSparse(BlockFile file) throws IOException {
        return magic(file) == MAGIC;
    }

    static boolean isEsxSparse(BlockFile file) throws IOException {
        return magic(file) == ESX_MAGIC;
    }

    private static int magic(BlockFile file) throws IOException {
        MemorySegment start = Bytes.allocate(4);
        return file.read(0, start) < 4 ? 0 : start.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getInt(0);
    }

    /** @throws IOException if it is no header of an extent that is supported */
    static VmdkHeader read(BlockFile file) throws IOException {
        VmdkHeader header = parse(Bytes.readFully(file, 0, LENGTH, "the header"), false);
        if (header.directoryOffset == AT_END) {
            header = readFooter(file);
        }
        header.check(file.size());
        return header;
    }

    /** Marker, header and end-of-stream marker lie in the last three sectors. */
    private static VmdkHeader readFooter(BlockFile file) throws IOException {
        long start = file.size() - 3 * LENGTH;
        if (start < LENGTH) {
            throw new IOException("the file ends before its footer");
        }
        MemorySegment bytes = Bytes.readFully(file, start, 3 * LENGTH, "the footer");
        ByteBuffer fields = bytes.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        if (fields.getInt(8) != 0 || fields.getInt(12) != FOOTER_MARKER || fields.getInt(LENGTH) != MAGIC
                || fields.getLong(2 * LENGTH) != 0 || fields.getLong(2 * LENGTH + 8) != 0) {
            throw new IOException("the footer is damaged or missing: the file may have been truncated");
        }
        return parse(bytes.asSlice(LENGTH, LENGTH), true);
    }

    private static VmdkHeader parse(MemorySegment bytes, boolean footer) {
        ByteBuffer fields = bytes.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        return new VmdkHeader(fields.getInt(VERSION_FIELD), fields.getInt(FLAGS_FIELD),
                fields.getLong(CAPACITY_FIELD), fields.getLong(GRAIN_FIELD), fields.getLong(DESCRIPTOR_OFFSET_FIELD),
                fields.getLong(DESCRIPTOR_SIZE_FIELD), fields.getInt(ENTRIES_FIELD), fields.getLong(REDUNDANT_FIELD),
                fields.getLong(DIRECTORY_FIELD), fields.getLong(OVERHEAD_FIELD),
                fields.getShort(ALGORITHM_FIELD) == DEFLATE, footer);
    }

    private void check(long fileSize) throws IOException {
        if (version < 1 || version > MAX_VERSION) {
            throw new IOException("version " + Integer.toUnsignedString(version) + " of the format is not supported");
        }
        if (Long.bitCount(grain) != 1 || grain < 1 || grain > MAX_GRAIN) {
            throw new IOException("the size of a grain is invalid: " + Long.toUnsignedString(grain) + " sectors");
        }
        if (Integer.bitCount(entriesPerTable) != 1 || entriesPerTable < 1 || entriesPerTable > MAX_ENTRIES) {
            throw new IOException("grain tables have an invalid size: " + Integer.toUnsignedString(entriesPerTable)
                    + " entries");
        }
        if (capacity < 0 || capacity > MAX_CAPACITY) {
            throw new IOException("the disk's size is invalid: " + Long.toUnsignedString(capacity) + " sectors");
        }
        if (tableCount() > MAX_TABLES) {
            throw new IOException("the grain directory is too large: " + tableCount() + " entries");
        }
        checkOffset("grain directory", directoryOffset, fileSize);
        checkOffset("second grain directory", hasRedundant() ? redundantOffset : 0, fileSize);
        checkOffset("descriptor", descriptorOffset, fileSize);
        if (overhead < 0 || overhead > Bytes.divideUp(fileSize, DiskImage.SECTOR_SIZE)) {
            throw new IOException("File truncated, expecting at least " + Long.toUnsignedString(overhead)
                    + " sectors");
        }
    }

    private static void checkOffset(String what, long offset, long fileSize) throws IOException {
        if (offset < 0 || offset > fileSize / DiskImage.SECTOR_SIZE) {
            throw new IOException("the " + what + " lies past the end of the file");
        }
    }

    boolean hasRedundant() {
        return (flags & REDUNDANT_FLAG) != 0;
    }

    boolean hasZeroGrains() {
        return (flags & ZERO_GRAIN_FLAG) != 0;
    }

    boolean hasMarkers() {
        return (flags & MARKERS_FLAG) != 0;
    }

    /** In bytes. */
    int grainSize() {
        return (int) grain * DiskImage.SECTOR_SIZE;
    }

    long grainCount() {
        return Bytes.divideUp(capacity, grain);
    }

    /** Entries of the grain directory. */
    long tableCount() {
        return Bytes.divideUp(grainCount(), entriesPerTable);
    }

    /** The first sector as it is stored. */
    MemorySegment bytes() {
        MemorySegment bytes = Bytes.allocate(LENGTH);
        ByteBuffer fields = bytes.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        fields.putInt(0, MAGIC).putInt(VERSION_FIELD, version).putInt(FLAGS_FIELD, flags);
        fields.putLong(CAPACITY_FIELD, capacity).putLong(GRAIN_FIELD, grain);
        fields.putLong(DESCRIPTOR_OFFSET_FIELD, descriptorOffset).putLong(DESCRIPTOR_SIZE_FIELD, descriptorSize);
        fields.putInt(ENTRIES_FIELD, entriesPerTable).putLong(REDUNDANT_FIELD, redundantOffset);
        fields.putLong(DIRECTORY_FIELD, directoryOffset).putLong(OVERHEAD_FIELD, overhead);
        fields.put(NEWLINES_FIELD, NEWLINES).putShort(ALGORITHM_FIELD, (short) (compressed ? DEFLATE : 0));
        return bytes;
    }
}
