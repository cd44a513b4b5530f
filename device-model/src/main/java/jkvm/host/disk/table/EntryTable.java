package jkvm.host.disk.table;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CorruptImageException;
import jkvm.linux.Fd;

/**
 * A table of numbers of four or eight bytes at one place of a file; only the pages in use are in memory. Lookups may
 * run side by side and make no object; a caller that changes entries excludes all others.
 */
public final class EntryTable {
    private static final int PAGE_SIZE = 4096, MAX_PAGES = 8192;
    private static final int SCAN_SIZE = 1 << 20;

    private final BlockFile file;
    private final TableCache pages;
    private final long base;
    private final int sizeBits;
    private final int pageBits;
    private final ValueLayout.OfInt ints;
    private final ValueLayout.OfLong longs;

    /**
     * @param base      where the first entry is in the file
     * @param entrySize 4 or 8 bytes
     * @param what      names the table in messages
     */
    public EntryTable(BlockFile file, long base, int entrySize, ByteOrder order, String what) {
        this(file, new TableCache(file, PAGE_SIZE, MAX_PAGES, what), base, entrySize, PAGE_SIZE, order);
    }

    private EntryTable(BlockFile file, TableCache pages, long base, int entrySize, int pageSize, ByteOrder order) {
        this.file = file;
        this.pages = pages;
        this.base = base;
        this.sizeBits = Integer.numberOfTrailingZeros(entrySize);
        this.pageBits = Integer.numberOfTrailingZeros(pageSize / entrySize);
        this.ints = ValueLayout.JAVA_INT_UNALIGNED.withOrder(order);
        this.longs = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order);
    }

    /**
     * Many tables of {@code tableSize} bytes, a power of two, each at a place of its own, for
     * {@link #get(long, int)}.
     */
    public static EntryTable scattered(BlockFile file, int tableSize, int entrySize, ByteOrder order, String what) {
        int kept = Math.clamp((long) PAGE_SIZE * MAX_PAGES / tableSize, 16, MAX_PAGES);
        return new EntryTable(file, new TableCache(file, tableSize, kept, what), 0, entrySize, tableSize, order);
    }

    /** The entry at {@code index}; one of four bytes has no sign. */
    public long get(long index) throws IOException {
        return get(page(index), (int) (index & (1L << pageBits) - 1));
    }

    /** The entry at {@code index} of the table that is at {@code table} in the file. */
    public long get(long table, int index) throws IOException {
        return entry(pages.get(table).data(), index);
    }

    private long entry(MemorySegment data, int index) {
        long at = (long) index << sizeBits;
        return sizeBits == 2 ? Integer.toUnsignedLong(data.get(ints, at)) : data.get(longs, at);
    }

    public void set(long index, long value) throws IOException {
        set(page(index), (int) (index & (1L << pageBits) - 1), value);
    }

    /** Sets the entry at {@code index} of the table that is at {@code table} in the file. */
    public void set(long table, int index, long value) throws IOException {
        put(pages.get(table), index, value);
    }

    private void put(TableCache.Table page, int index, long value) {
        int at = index << sizeBits;
        if (sizeBits == 2) {
            page.data().set(ints, at, (int) value);
        } else {
            page.data().set(longs, at, value);
        }
        pages.changed(page, at, at + (1 << sizeBits));
    }

    /** Makes a new table of zeros at a place of the file, all of it to be written. */
    public void create(long table) {
        pages.create(table);
    }

    /** What a scan does with each entry. */
    @FunctionalInterface
    public interface EntryVisitor {
        void visit(long index, long value) throws IOException;
    }

    /**
     * Reads the first {@code count} entries as the file has them, past those in memory.
     *
     * @throws CorruptImageException if the file ends before
     */
    public void scan(long count, EntryVisitor visitor) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment part = arena.allocate(Math.clamp(count << sizeBits, 1, SCAN_SIZE), Fd.DIRECT_ALIGNMENT);
            long perPart = part.byteSize() >> sizeBits;
            for (long first = 0; first < count; first += perPart) {
                long entries = Math.min(perPart, count - first);
                if (file.read(base + (first << sizeBits), part, 0, entries << sizeBits) < entries << sizeBits) {
                    throw new CorruptImageException("the file ends before its table of blocks does");
                }
                for (int i = 0; i < entries; i++) {
                    visitor.visit(first + i, entry(part, i));
                }
            }
        }
    }

    private long page(long index) {
        return base + (index >> pageBits << pageBits + sizeBits);
    }

    boolean isCrowded() {
        return pages.isCrowded();
    }

    /** Whether an entry was set that the file does not have yet. */
    public boolean isDirty() {
        return pages.isDirty();
    }

    /** Writes the entries that were set; they still count as such until {@link #markClean()}. */
    public void writeDirty() throws IOException {
        pages.writeDirty();
    }

    /** The written entries are durable. */
    public void markClean() {
        pages.markClean();
    }
}
