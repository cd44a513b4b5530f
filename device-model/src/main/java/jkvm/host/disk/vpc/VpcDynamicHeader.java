package jkvm.host.disk.vpc;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskImage;

/**
 * The second header of a dynamic disk.
 *
 * @param offset      where it is in the file
 * @param tableOffset where the table of blocks is
 * @param blockSize   in bytes, without the block's bitmap
 * @param blocks      entries of the table
 */
record VpcDynamicHeader(long offset, long tableOffset, int blockSize, long blocks) {
    static final int LENGTH = 1024;
    static final int DEFAULT_BLOCK_SIZE = 2 << 20;
    private static final String COOKIE = "cxsparse";
    private static final int DATA_OFFSET_FIELD = 8, TABLE_OFFSET_FIELD = 16, VERSION_FIELD = 24, BLOCKS_FIELD = 28;
    private static final int BLOCK_SIZE_FIELD = 32, CHECKSUM_FIELD = 36;
    private static final int VERSION = 0x10000, MAX_BLOCK_SIZE = 1 << 30;
    private static final long MAX_OFFSET = 1L << 62, MAX_BLOCKS = 1 << 29;

    static VpcDynamicHeader read(BlockFile file, VpcFooter footer) throws IOException {
        long offset = footer.dataOffset();
        if (offset < VpcFooter.LENGTH || offset > MAX_OFFSET) {
            throw new IOException("the header of the dynamic disk is at an invalid offset, " + offset);
        }
        MemorySegment bytes = Bytes.readFully(file, offset, LENGTH, "the header of the dynamic disk");
        if (!VpcFooter.hasCookie(bytes, COOKIE)) {
            throw new IOException("the header of the dynamic disk is damaged");
        }
        VpcDynamicHeader header = new VpcDynamicHeader(offset, Bytes.getLong(bytes, TABLE_OFFSET_FIELD),
                Bytes.getInt(bytes, BLOCK_SIZE_FIELD), Integer.toUnsignedLong(Bytes.getInt(bytes, BLOCKS_FIELD)));
        header.check(footer.size());
        return header;
    }

    private void check(long diskSize) throws IOException {
        if (Integer.bitCount(blockSize) != 1 || blockSize < DiskImage.SECTOR_SIZE || blockSize > MAX_BLOCK_SIZE) {
            throw new IOException("the size of a block is invalid: " + Integer.toUnsignedString(blockSize));
        }
        if (blocks > MAX_BLOCKS) {
            throw new IOException("the table of blocks is too large: it has " + blocks + " entries");
        }
        if (blocks * blockSize < diskSize) {
            throw new IOException("the table of blocks is too small: it has " + blocks + " entries");
        }
        if (tableOffset < 0 || tableOffset > MAX_OFFSET || tableOffset % DiskImage.SECTOR_SIZE != 0) {
            throw new IOException("the table of blocks is at an invalid offset, " + tableOffset);
        }
    }

    /** Bytes of the bitmap before each block: a bit for each sector, in whole sectors. */
    int bitmapSize() {
        return (int) Bytes.roundUp(Bytes.divideUp(blockSize / DiskImage.SECTOR_SIZE, 8), DiskImage.SECTOR_SIZE);
    }

    /** Where the table ends, in whole sectors. */
    long tableEnd() {
        return Bytes.roundUp(tableOffset + 4 * blocks, DiskImage.SECTOR_SIZE);
    }

    /** The header of a new disk. */
    MemorySegment bytes() {
        MemorySegment bytes = Bytes.allocate(LENGTH);
        VpcFooter.put(bytes, 0, COOKIE);
        Bytes.putLong(bytes, DATA_OFFSET_FIELD, -1);
        Bytes.putLong(bytes, TABLE_OFFSET_FIELD, tableOffset);
        Bytes.putInt(bytes, VERSION_FIELD, VERSION);
        Bytes.putInt(bytes, BLOCKS_FIELD, (int) blocks);
        Bytes.putInt(bytes, BLOCK_SIZE_FIELD, blockSize);
        Bytes.putInt(bytes, CHECKSUM_FIELD, VpcFooter.checksum(bytes, CHECKSUM_FIELD));
        return bytes;
    }
}
