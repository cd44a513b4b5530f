package jkvm.host.disk.table;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;

/**
 * Tables of one size, by their offset in the file; changes stay here until they are written out. Any thread may
 * call; a caller that changes tables excludes other users of those tables.
 *
 * <p>A table that was used lately is found without a lock and without an object being made.
 */
public final class TableCache {
    private static final int SECTOR = 512;
    private static final int MAX_RECENT = 4096;

    private final BlockFile file;
    private final int tableSize;
    private final int limit;
    private final String what;
    private final Map<Long, Table> tables = new LinkedHashMap<>();
    /** Some of {@link #tables}, each at a place that follows from its offset. */
    private final AtomicReferenceArray<Table> recent;
    private final List<Table> dirty = new ArrayList<>();

    /** A table and the range of it that the file does not have yet. */
    public static final class Table {
        private final long offset;
        private final MemorySegment data;
        private int dirtyFrom;
        private int dirtyTo;
        /** Since it was last thought of throwing it away; a lost update does no harm. */
        private boolean used = true;

        private Table(long offset, MemorySegment data) {
            this.offset = offset;
            this.data = data;
        }

        /** Where it is in the file. */
        public long offset() {
            return offset;
        }

        /** Its content; a change is announced by {@link TableCache#changed}. */
        public MemorySegment data() {
            return data;
        }

        /** The entry at {@code index} of a table of 64-bit entries. */
        public long entry(int index) {
            return Bytes.getLong(data, 8L * index);
        }
    }

    /**
     * @param limit how many tables are kept if they need not be written first
     * @param what  names a table in messages
     */
    public TableCache(BlockFile file, int tableSize, int limit, String what) {
        this.file = file;
        this.tableSize = tableSize;
        this.limit = limit;
        this.what = what;
        this.recent = new AtomicReferenceArray<>(Math.min(MAX_RECENT, 2 * Integer.highestOneBit(limit)));
    }

    private int place(long offset) {
        return (int) (offset / tableSize) & recent.length() - 1;
    }

    /** @throws IOException if it cannot be read or lies past the end of the file */
    public Table get(long offset) throws IOException {
        Table table = recent.getAcquire(place(offset));
        if (table == null || table.offset != offset) {
            return find(offset);
        }
        if (!table.used) {
            table.used = true;
        }
        return table;
    }

    private synchronized Table find(long offset) throws IOException {
        Table table = tables.get(offset);
        if (table == null) {
            table = new Table(offset, Bytes.allocate(tableSize));
            if (file.read(offset, table.data) == 0) {
                throw new CorruptImageException("the " + what + " at 0x" + Long.toHexString(offset)
                        + " lies past the end of the file");
            }
            put(table);
        }
        recent.setRelease(place(offset), table);
        return table;
    }

    /** A new table of zeros, all of it to be written. */
    public synchronized Table create(long offset) {
        drop(offset);
        Table table = new Table(offset, Bytes.allocate(tableSize));
        put(table);
        changed(table, 0, tableSize);
        return table;
    }

    /** Keeps a table, and throws away another one that has not been used for long and need not be written. */
    private void put(Table table) {
        tables.put(table.offset, table);
        for (int looked = tables.size(); tables.size() > limit && looked > 0; looked--) {
            Table oldest = tables.values().iterator().next();
            tables.remove(oldest.offset);
            if (oldest.used || oldest.dirtyTo != 0 || oldest == table) {
                oldest.used = false;
                tables.put(oldest.offset, oldest);
            } else {
                forgetRecent(oldest);
            }
        }
    }

    private void forgetRecent(Table table) {
        recent.compareAndSet(place(table.offset), table, null);
    }

    /** Forgets a table whose cluster is free. */
    public synchronized void drop(long offset) {
        Table table = tables.remove(offset);
        if (table != null) {
            forgetRecent(table);
            dirty.remove(table);
        }
    }

    /** The sectors of the table that have bytes {@code from} to {@code to} are to be written. */
    public synchronized void changed(Table table, int from, int to) {
        if (table.dirtyTo == 0) {
            dirty.add(table);
            table.dirtyFrom = from & -SECTOR;
            table.dirtyTo = (int) Bytes.roundUp(to, SECTOR);
        } else {
            table.dirtyFrom = Math.min(table.dirtyFrom, from & -SECTOR);
            table.dirtyTo = Math.max(table.dirtyTo, (int) Bytes.roundUp(to, SECTOR));
        }
    }

    /** Sets the entry at {@code index} of a table of 64-bit entries. */
    public void setEntry(Table table, int index, long value) {
        Bytes.putLong(table.data, 8L * index, value);
        changed(table, 8 * index, 8 * index + 8);
    }

    public synchronized boolean isDirty() {
        return !dirty.isEmpty();
    }

    /** True if so much is unwritten that it should be written before more is changed. */
    public synchronized boolean isCrowded() {
        return dirty.size() >= limit;
    }

    /** Writes what changed; it still counts as changed until {@link #markClean()}. */
    public synchronized void writeDirty() throws IOException {
        dirty.sort((a, b) -> Long.compare(a.offset, b.offset));
        for (Table table : dirty) {
            file.write(table.offset + table.dirtyFrom,
                    table.data.asSlice(table.dirtyFrom, table.dirtyTo - table.dirtyFrom));
        }
    }

    /** The written tables are on the disk. */
    public synchronized void markClean() {
        for (Table table : dirty) {
            table.dirtyTo = 0;
        }
        dirty.clear();
    }
}
