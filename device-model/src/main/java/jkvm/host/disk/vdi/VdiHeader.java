package jkvm.host.disk.vdi;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskImage;

/**
 * The fields of a VDI header that matter here; numbers are little-endian.
 *
 * @param mapOffset       where the map of blocks is in the file
 * @param dataOffset      where block 0 of the file is
 * @param size            of the disk, in bytes
 * @param blocks          entries of the map
 * @param allocatedBlocks blocks that have a place in the file, as the header counts them
 */
record VdiHeader(long mapOffset, long dataOffset, long size, long blocks, long allocatedBlocks) {
    static final int LENGTH = 512;
    static final int BLOCK_SIZE = 1 << 20;
    static final int SIGNATURE = 0xbeda107f, VERSION_1_1 = 0x10001;
    static final int SIGNATURE_FIELD = 0x40, VERSION_FIELD = 0x44, HEADER_SIZE_FIELD = 0x48, TYPE_FIELD = 0x4c;
    static final int MAP_OFFSET_FIELD = 0x154, DATA_OFFSET_FIELD = 0x158, SECTOR_SIZE_FIELD = 0x168;
    static final int SIZE_FIELD = 0x170, BLOCK_SIZE_FIELD = 0x178, BLOCKS_FIELD = 0x180, ALLOCATED_FIELD = 0x184;
    static final int ID_FIELD = 0x188, SNAPSHOT_ID_FIELD = 0x198, LINK_ID_FIELD = 0x1a8, PARENT_ID_FIELD = 0x1b8;
    /** The most entries of a map. */
    static final long MAX_BLOCKS = 0x1fffffff;

    /** Whether a file begins as an image does. */
    static boolean isVdi(BlockFile file) throws IOException {
        MemorySegment start = Bytes.allocate(LENGTH);
        return file.read(0, start) == LENGTH && fields(start).getInt(SIGNATURE_FIELD) == SIGNATURE;
    }

    private static ByteBuffer fields(MemorySegment header) {
        return header.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** @throws IOException if it is no header of an image that is supported */
    static VdiHeader read(BlockFile file) throws IOException {
        if (!isVdi(file)) {
            throw new IOException("not a vdi image");
        }
        ByteBuffer fields = fields(Bytes.readFully(file, 0, LENGTH, "the header"));
        expect("version", fields.getInt(VERSION_FIELD), VERSION_1_1);
        expect("sector size", fields.getInt(SECTOR_SIZE_FIELD), DiskImage.SECTOR_SIZE);
        expect("block size", fields.getInt(BLOCK_SIZE_FIELD), BLOCK_SIZE);
        if (fields.getLong(LINK_ID_FIELD) != 0 || fields.getLong(LINK_ID_FIELD + 8) != 0
                || fields.getLong(PARENT_ID_FIELD) != 0 || fields.getLong(PARENT_ID_FIELD + 8) != 0) {
            throw new IOException("the image has a parent image, which is not supported");
        }
        VdiHeader header = new VdiHeader(Integer.toUnsignedLong(fields.getInt(MAP_OFFSET_FIELD)),
                Integer.toUnsignedLong(fields.getInt(DATA_OFFSET_FIELD)), fields.getLong(SIZE_FIELD),
                Integer.toUnsignedLong(fields.getInt(BLOCKS_FIELD)),
                Integer.toUnsignedLong(fields.getInt(ALLOCATED_FIELD)));
        header.check();
        return new VdiHeader(header.mapOffset, header.dataOffset, Bytes.roundUp(header.size, DiskImage.SECTOR_SIZE),
                header.blocks, header.allocatedBlocks);
    }

    private static void expect(String what, int found, int supported) throws IOException {
        if (found != supported) {
            throw new IOException("the image has a " + what + " of 0x" + Integer.toHexString(found)
                    + ", only 0x" + Integer.toHexString(supported) + " is supported");
        }
    }

    private void check() throws IOException {
        if (blocks > MAX_BLOCKS || size < 0 || size > blocks * BLOCK_SIZE) {
            throw new IOException("the disk's size is invalid: " + size + " bytes in " + blocks + " blocks");
        }
        if (mapOffset < LENGTH || mapOffset % DiskImage.SECTOR_SIZE != 0) {
            throw new IOException("the map of blocks is at an invalid offset, " + mapOffset);
        }
        if (dataOffset % DiskImage.SECTOR_SIZE != 0 || dataOffset < mapOffset + 4 * blocks) {
            throw new IOException("the blocks begin at an invalid offset, " + dataOffset);
        }
    }
}
