package jkvm.host.disk.vdi;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.BitSet;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.table.BlockTable;
import jkvm.host.disk.table.EntryTable;

/** The map of a VDI file: for each block of the disk its number among the blocks of the file. */
final class VdiTable extends BlockTable {
    /** Values of entries without a block: one that was never written, and one that is zeros. */
    static final long UNALLOCATED = 0xffffffffL, DISCARDED = 0xfffffffeL;

    private final VdiHeader header;
    /** The number of the next new block in the file: all that are in use lie below. */
    private long next;

    /** @param writable whether blocks may be added, for which the map is read once */
    VdiTable(BlockFile file, VdiHeader header, boolean writable) throws IOException {
        super(file, map(file, header), VdiHeader.BLOCK_SIZE);
        this.header = header;
        if (writable) {
            entries().scan(header.blocks(), (index, entry) -> next = isAllocated(entry)
                    ? Math.max(next, entry + 1) : next);
        }
    }

    static EntryTable map(BlockFile file, VdiHeader header) {
        return new EntryTable(file, header.mapOffset(), 4, ByteOrder.LITTLE_ENDIAN, "map of blocks");
    }

    static boolean isAllocated(long entry) {
        return entry < DISCARDED;
    }

    @Override
    public long position(long block) throws IOException {
        long entry = entries().get(block);
        if (!isAllocated(entry)) {
            return ZERO;
        }
        if (entry >= header.blocks()) {
            throw new CorruptImageException("block " + block + " is at number " + entry + " of " + header.blocks()
                    + " in the file");
        }
        return header.dataOffset() + entry * VdiHeader.BLOCK_SIZE;
    }

    @Override
    public long nextPlace(long block) throws IOException {
        long number = next < header.blocks() ? next : hole();
        return header.dataOffset() + number * VdiHeader.BLOCK_SIZE;
    }

    /** A crash may have left numbers below the highest one that no entry has. */
    private long hole() throws IOException {
        BitSet used = new BitSet();
        for (long block = 0; block < header.blocks(); block++) {
            long entry = entries().get(block);
            if (entry < header.blocks()) {
                used.set((int) entry);
            }
        }
        int free = used.nextClearBit(0);
        if (free >= header.blocks()) {
            throw new CorruptImageException("two blocks are at one place: there is no room for a new one");
        }
        return free;
    }

    @Override
    protected void setPosition(long block, long position) throws IOException {
        long number = (position - header.dataOffset()) / VdiHeader.BLOCK_SIZE;
        entries().set(block, number);
        next = Math.max(next, number + 1);
    }

    /** The count comes first: QEMU takes it for the number of the next block. */
    @Override
    protected void writeBeforeEntries() throws IOException {
        MemorySegment count = Bytes.allocate(4);
        count.set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0, (int) next);
        file().write(VdiHeader.ALLOCATED_FIELD, count);
    }
}
