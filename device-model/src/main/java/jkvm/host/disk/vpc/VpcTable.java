package jkvm.host.disk.vpc;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLongArray;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.table.BlockTable;
import jkvm.host.disk.table.EntryTable;

/**
 * The table of blocks of a dynamic VHD: for each its first sector in the file, where its bitmap is. New blocks take the
 * place of the footer, which follows them; its copy at the beginning of the file is there all the time.
 */
final class VpcTable extends BlockTable {
    private static final long UNALLOCATED = 0xffffffffL;
    private static final int KNOWN_BITMAPS = 1 << 24;

    private final VpcFooter footer;
    private final VpcDynamicHeader header;
    private final int bitmapSize;
    private final MemorySegment fullBitmap;
    /** A bit for each of the first blocks whose bitmap is known to be full. */
    private final AtomicLongArray full;
    /** Where the used part of the file ends. */
    private long end;

    /** @throws IOException if the table, or a block that it names, lies past the end of the file */
    VpcTable(BlockFile file, VpcFooter footer, VpcDynamicHeader header, boolean writable) throws IOException {
        super(file, new EntryTable(file, header.tableOffset(), 4, ByteOrder.BIG_ENDIAN, "table of blocks"),
                header.blockSize());
        this.footer = footer;
        this.header = header;
        this.bitmapSize = header.bitmapSize();
        this.fullBitmap = Bytes.allocate(bitmapSize).fill((byte) 0xff);
        this.full = new AtomicLongArray(writable ? (int) Math.min(header.blocks(), KNOWN_BITMAPS) / 64 + 1 : 0);
        this.end = Math.max(header.tableEnd(), header.offset() + VpcDynamicHeader.LENGTH);
        entries().scan(Bytes.divideUp(footer.size(), header.blockSize()), (block, entry) -> end =
                entry == UNALLOCATED ? end : Math.max(end, entry * DiskImage.SECTOR_SIZE + bitmapSize + blockSize()));
        if (end > file.size()) {
            throw new IOException("its blocks reach past the end of the file: it has been truncated or is damaged");
        }
    }

    @Override
    public long position(long block) throws IOException {
        long entry = entries().get(block);
        if (entry == UNALLOCATED) {
            return ZERO;
        }
        long bitmap = entry * DiskImage.SECTOR_SIZE;
        long blockEnd = bitmap + bitmapSize + blockSize();
        if (bitmap < VpcFooter.LENGTH || overlaps(bitmap, blockEnd, header.tableOffset(), header.tableEnd())
                || overlaps(bitmap, blockEnd, header.offset(), header.offset() + VpcDynamicHeader.LENGTH)) {
            throw new CorruptImageException("block " + block + " lies on a table, at 0x" + Long.toHexString(bitmap));
        }
        return bitmap + bitmapSize;
    }

    private static boolean overlaps(long from, long to, long otherFrom, long otherTo) {
        return from < otherTo && otherFrom < to;
    }

    @Override
    public long nextPlace(long block) {
        return end + bitmapSize;
    }

    @Override
    protected void setPosition(long block, long position) throws IOException {
        writeBitmap(block, position);
        entries().set(block, (position - bitmapSize) / DiskImage.SECTOR_SIZE);
        end = position + blockSize();
    }

    private void writeBitmap(long block, long position) throws IOException {
        file().write(position - bitmapSize, fullBitmap);
        if (block < KNOWN_BITMAPS) {
            full.accumulateAndGet((int) (block >> 6), 1L << block, (a, b) -> a | b);
        }
    }

    @Override
    protected void beforeWrite(long block) throws IOException {
        if (block >= KNOWN_BITMAPS || (full.get((int) (block >> 6)) & 1L << block) == 0) {
            writeBitmap(block, position(block));
        }
    }

    @Override
    protected void writeBeforeEntries() throws IOException {
        file().write(end, footer.bytes());
    }
}
