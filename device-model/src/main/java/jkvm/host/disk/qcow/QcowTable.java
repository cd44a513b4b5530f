package jkvm.host.disk.qcow;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.table.BlockTable;
import jkvm.host.disk.table.EntryTable;

/** The L1 table and the L2 tables. New clusters and tables go to the end of the file. */
final class QcowTable extends BlockTable {
    private static final long COMPRESSED = 1L << 63;

    private final QcowHeader header;
    private final EntryTable l1;
    private final boolean writable;
    /** Where the L2 tables of a writable image are, in ascending order. */
    private long[] tables = new long[16];
    private int tableCount;
    /** Where the next new cluster goes. */
    private long end;

    QcowTable(BlockFile file, QcowHeader header, boolean writable) throws IOException {
        super(file, EntryTable.scattered(file, header.l2Size(), 8, ByteOrder.BIG_ENDIAN, "L2 table"),
                header.clusterSize());
        this.header = header;
        this.writable = writable;
        this.l1 = new EntryTable(file, header.l1Offset(), 8, ByteOrder.BIG_ENDIAN, "L1 table");
        this.end = Bytes.roundUp(Math.max(file.size(), header.l1End()), header.clusterSize());
        if (writable) {
            collectTables();
        }
    }

    private void collectTables() throws IOException {
        l1.scan(header.l1Entries(), (index, table) -> {
            if (table != 0) {
                addTable(table);
            }
        });
        Arrays.sort(tables, 0, tableCount);
        for (int i = 0; i < tableCount; i++) {
            long from = i == 0 ? header.l1End() : tables[i - 1] + header.l2Size();
            if (tables[i] < from || tables[i] > end) {
                throw new CorruptImageException("the L2 table at 0x" + Long.toHexString(tables[i])
                        + " overlaps another table, or lies past the end of the file");
            }
        }
    }

    private void addTable(long table) {
        if (tableCount == tables.length) {
            tables = Arrays.copyOf(tables, 2 * tableCount);
        }
        tables[tableCount++] = table;
    }

    private boolean isOnTable(long position) {
        int found = Arrays.binarySearch(tables, 0, tableCount, position);
        int next = found < 0 ? -found - 1 : found;
        return position < header.l1End() || next < tableCount && tables[next] < position + blockSize()
                || next > 0 && position < tables[next - 1] + header.l2Size();
    }

    private long entry(long block) throws IOException {
        long table = l1.get(block >> header.l2Bits());
        if (table < 0) {
            throw new CorruptImageException("the L1 table has an invalid entry, 0x" + Long.toHexString(table));
        }
        return table == 0 ? 0 : entries().get(table, index(block));
    }

    private int index(long block) {
        return (int) (block & (1L << header.l2Bits()) - 1);
    }

    @Override
    public long position(long block) throws IOException {
        long entry = entry(block);
        if (entry == 0) {
            return ABSENT;
        }
        if ((entry & COMPRESSED) != 0) {
            return PACKED;
        }
        if (writable && (entry > Long.MAX_VALUE - blockSize() || isOnTable(entry))) {
            throw new CorruptImageException("cluster " + block + " lies on a table, at 0x" + Long.toHexString(entry));
        }
        return entry;
    }

    /** After the L2 table, if that is missing too. */
    @Override
    public long nextPlace(long block) throws IOException {
        return l1.get(block >> header.l2Bits()) == 0 ? end + Bytes.roundUp(header.l2Size(), blockSize()) : end;
    }

    @Override
    protected void setPosition(long block, long position) throws IOException {
        long table = l1.get(block >> header.l2Bits());
        end = position + blockSize();
        if (table == 0) {
            table = position - Bytes.roundUp(header.l2Size(), blockSize());
            entries().create(table);
            l1.set(block >> header.l2Bits(), table);
            addTable(table);
        }
        entries().set(table, index(block), position);
    }

    @Override
    protected void writeAfterEntries() throws IOException {
        if (l1.isDirty()) {
            l1.writeDirty();
            file().flush();
            l1.markClean();
        }
    }

    /** Raw deflate; the entry tells the number of bytes. */
    @Override
    protected void unpack(long block, byte[] to) throws IOException {
        long entry = entry(block);
        int shift = 63 - header.clusterBits();
        long position = entry & (1L << shift) - 1;
        Inflater inflater = new Inflater(true);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(Math.max(1, entry >>> shift & blockSize() - 1));
            long count = file().read(position, packed);
            inflater.setInput(packed.asSlice(0, count).asByteBuffer());
            int size = 0;
            for (int part = -1; size < to.length && part != 0; size += part) {
                part = inflater.inflate(to, size, to.length - size);
            }
            if (size < to.length) {
                throw new IOException("the compressed cluster at 0x" + Long.toHexString(position) + " ends after "
                        + size + " bytes");
            }
        } catch (DataFormatException e) {
            throw new IOException("the compressed cluster at 0x" + Long.toHexString(position) + " is damaged: "
                    + e.getMessage(), e);
        } finally {
            inflater.end();
        }
    }
}
