package jkvm.host.disk.vhdx;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;

/**
 * The log of changes to a file's tables: a ring of entries, of which the last complete sequence is replayed. Entries
 * are looked at within a budget, as a hostile log could ask for each byte to be summed again and again.
 */
final class VhdxLog {
    private static final int SECTOR = 4096, ENTRY_HEADER = 64, DESCRIPTOR = 32;
    private static final int ENTRY_SIGNATURE = 0x65676f6c, DESCRIPTOR_SIGNATURE = 0x63736564,
            ZERO_SIGNATURE = 0x6f72657a, DATA_SIGNATURE = 0x61746164;
    private static final long MAX_LENGTH = 64 << 20;
    private static final int BUDGET = 16;

    private final BlockFile file;
    private final VhdxHeader header;
    private long budget;

    private VhdxLog(BlockFile file, VhdxHeader header) {
        this.file = file;
        this.header = header;
        this.budget = BUDGET * header.logLength();
    }

    /**
     * A valid entry.
     *
     * @param at   where it begins in the log
     * @param tail where the oldest entry begins that it needs
     */
    private record Entry(long at, int length, long tail, long sequence, MemorySegment bytes) {
    }

    /** Whether the log has changes that the file may not have yet. */
    static boolean isNeeded(BlockFile file, VhdxHeader header) throws IOException {
        return header.hasLog() && new VhdxLog(file, header).findHead() != null;
    }

    /**
     * Makes the logged changes.
     *
     * @return false if there are none
     */
    static boolean replay(BlockFile file, VhdxHeader header) throws IOException {
        VhdxLog log = new VhdxLog(file, header);
        Entry head = header.hasLog() ? log.findHead() : null;
        if (head == null) {
            return false;
        }
        log.replay(head);
        return true;
    }

    /** The newest entry of the newest complete sequence, or null. */
    private Entry findHead() throws IOException {
        if (header.logLength() > MAX_LENGTH) {
            throw new IOException("a log of " + header.logLength() + " bytes is not supported");
        }
        Entry best = null;
        for (long at = 0; at < header.logLength(); at += SECTOR) {
            Entry first = entry(at);
            if (first == null || best != null && first.sequence <= best.sequence) {
                continue;
            }
            Entry head = first;
            long length = 0;
            for (Entry next = first; next != null && length + next.length <= header.logLength(); ) {
                head = next;
                length += next.length;
                next = entry((head.at + head.length) % header.logLength());
                next = next == null || next.sequence != head.sequence + 1 ? null : next;
            }
            best = isIn(head.tail, first.at, length) ? head : best;
        }
        return best;
    }

    private boolean isIn(long place, long from, long length) {
        return Math.floorMod(place - from, header.logLength()) < length;
    }

    /** Reads bytes of the ring. */
    private MemorySegment read(long at, int length) throws IOException {
        MemorySegment bytes = Bytes.allocate(length);
        long first = Math.min(length, header.logLength() - at);
        if (file.read(header.logOffset() + at, bytes, 0, first) < first
                || file.read(header.logOffset(), bytes, first, length - first) < length - first) {
            throw new IOException("the log lies past the end of the file");
        }
        return bytes;
    }

    /** The entry at a place of the log, or null if there is none that is valid. */
    private Entry entry(long at) throws IOException {
        MemorySegment start = read(at, ENTRY_HEADER);
        ByteBuffer fields = Fields.of(start);
        int length = fields.getInt(8);
        long tail = Integer.toUnsignedLong(fields.getInt(12));
        int descriptors = fields.getInt(24);
        if (fields.getInt(0) != ENTRY_SIGNATURE || !Guid.read(start, 32).equals(header.logId())
                || length < SECTOR || length > header.logLength() || length % SECTOR != 0
                || tail >= header.logLength() || tail % SECTOR != 0 || fields.getLong(16) == 0
                || descriptors < 0 || descriptorsEnd(descriptors) > length) {
            return null;
        }
        budget -= length;
        if (budget < 0) {
            throw new IOException("the log is damaged: its entries overlap");
        }
        MemorySegment bytes = read(at, length);
        return Fields.hasRightChecksum(bytes) && isWellFormed(bytes, descriptors)
                ? new Entry(at, length, tail, fields.getLong(16), bytes) : null;
    }

    /** Where the data sectors begin in an entry. */
    private static long descriptorsEnd(int count) {
        return Bytes.roundUp(ENTRY_HEADER + (long) DESCRIPTOR * count, SECTOR);
    }

    private static boolean isWellFormed(MemorySegment bytes, int descriptors) {
        ByteBuffer fields = Fields.of(bytes);
        long sequence = fields.getLong(16);
        long data = descriptorsEnd(descriptors);
        for (int i = 0, at = ENTRY_HEADER; i < descriptors; i++, at += DESCRIPTOR) {
            boolean isData = fields.getInt(at) == DESCRIPTOR_SIGNATURE;
            long offset = fields.getLong(at + 16);
            long length = isData ? SECTOR : fields.getLong(at + 8);
            if (!isData && fields.getInt(at) != ZERO_SIGNATURE || fields.getLong(at + 24) != sequence
                    || offset < 0 || offset % SECTOR != 0 || length < 0 || length % SECTOR != 0
                    || offset > Long.MAX_VALUE - length) {
                return false;
            }
            if (isData) {
                if (data + SECTOR > bytes.byteSize() || fields.getInt((int) data) != DATA_SIGNATURE
                        || fields.getInt((int) data + 4) != (int) (sequence >>> 32)
                        || fields.getInt((int) data + SECTOR - 4) != (int) sequence) {
                    return false;
                }
                data += SECTOR;
            }
        }
        return data == bytes.byteSize();
    }

    private void replay(Entry head) throws IOException {
        ByteBuffer last = Fields.of(head.bytes);
        long flushed = last.getLong(48);
        long size = last.getLong(56);
        if (flushed < 0 || file.size() < flushed) {
            throw new IOException("the file has been truncated since its log was written: it has " + file.size()
                    + " bytes, not " + flushed);
        }
        Entry entry = head;
        for (long at = head.tail; ; at = (entry.at + entry.length) % header.logLength()) {
            entry = at == head.at ? head : entry(at);
            if (entry == null) {
                throw new IOException("the log is damaged");
            }
            apply(entry, size);
            if (entry.at == head.at) {
                break;
            }
        }
        if (!file.hasFixedSize() && size > file.size()) {
            file.truncate(size);
        }
        file.flush();
    }

    /** Writes what an entry says; nothing past the size that the file then has. */
    private void apply(Entry entry, long size) throws IOException {
        ByteBuffer fields = Fields.of(entry.bytes);
        int count = fields.getInt(24);
        long data = descriptorsEnd(count);
        long limit = Math.max(size, file.size());
        for (int i = 0, at = ENTRY_HEADER; i < count; i++, at += DESCRIPTOR) {
            long offset = fields.getLong(at + 16);
            boolean isData = fields.getInt(at) == DESCRIPTOR_SIGNATURE;
            long length = isData ? SECTOR : fields.getLong(at + 8);
            if (offset > limit - length) {
                throw new IOException("the log is damaged: it changes bytes past the end of the file");
            }
            if (isData) {
                MemorySegment sector = Bytes.allocate(SECTOR);
                MemorySegment.copy(entry.bytes, at + 8, sector, 0, 8);
                MemorySegment.copy(entry.bytes, data + 8, sector, 8, SECTOR - 12);
                MemorySegment.copy(entry.bytes, at + 4, sector, SECTOR - 4, 4);
                file.write(offset, sector);
                data += SECTOR;
            } else {
                zero(offset, Math.min(length, Math.max(0, file.size() - offset)));
            }
        }
    }

    private void zero(long offset, long length) throws IOException {
        if (length > 0 && !file.zero(offset, length, true)) {
            MemorySegment zeros = Bytes.allocate(Math.min(length, VhdxHeader.MIB));
            for (long done = 0; done < length; done += zeros.byteSize()) {
                file.write(offset + done, zeros, 0, Math.min(zeros.byteSize(), length - done));
            }
        }
    }
}
