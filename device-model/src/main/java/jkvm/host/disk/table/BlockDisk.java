package jkvm.host.disk.table;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.locks.StampedLock;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.Extent;
import jkvm.host.disk.ImageFormat;
import jkvm.linux.Fd;

/**
 * A disk of blocks, each of which has a place in the file or none. Reads, and writes to blocks that have a place, run
 * side by side under the read lock; new blocks and the writing of tables hold the write lock.
 *
 * <p>A block that has a place keeps it: a discard gives the space below it back to the host.
 */
public final class BlockDisk implements DiskImage {
    private static final int ZERO_CHUNK = 1 << 20;

    private final BlockFile file;
    private final BlockTable table;
    private final DiskImage backing;
    private final ImageFormat format;
    private final long capacity;
    private final boolean readOnly;
    private final boolean unmap;
    private final int blockBits;
    private final PackedBlock packed;
    private final StampedLock lock = new StampedLock();
    private volatile CorruptImageException corruption;
    private volatile boolean written;
    private boolean closed;

    /**
     * @param file     closed with the disk
     * @param backing  shown where blocks are absent, and closed with the disk; null for zeros
     * @param capacity in bytes; whole sectors of it are used
     * @param unmap    whether discards give space back
     */
    public BlockDisk(BlockFile file, BlockTable table, DiskImage backing, ImageFormat format, long capacity,
            boolean readOnly, boolean unmap) {
        this.file = file;
        this.table = table;
        this.backing = backing;
        this.format = format;
        this.capacity = capacity & -SECTOR_SIZE;
        this.readOnly = readOnly;
        this.unmap = unmap;
        this.blockBits = Integer.numberOfTrailingZeros(table.blockSize());
        this.packed = new PackedBlock(table);
    }

    @Override
    public long capacity() {
        return capacity;
    }

    @Override
    public int blockSize() {
        return table.blockSize();
    }

    @Override
    public ImageFormat format() {
        return format;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public String name() {
        return file.name();
    }

    private long inBlock(long offset) {
        return offset & table.blockSize() - 1;
    }

    /** How many bytes from {@code offset} on are stored alike, side by side in the file if {@code position} is one. */
    private long runLength(long offset, long limit, long position) throws IOException {
        long length = table.blockSize() - inBlock(offset);
        if (position == BlockTable.PACKED) {
            return Math.min(length, limit);
        }
        long next = position;
        long block = offset >> blockBits;
        while (length < limit) {
            next = position < 0 ? position : next + table.blockSize();
            if (table.position(++block) != next) {
                break;
            }
            length += table.blockSize();
        }
        return Math.min(length, limit);
    }

    @Override
    public void read(long offset, MemorySegment memory, long at, long length) throws IOException {
        Objects.checkFromIndexSize(offset, length, capacity);
        long stamp = lock.readLock();
        try {
            readLocked(offset, memory, at, length);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    private void readLocked(long offset, MemorySegment memory, long at, long length) throws IOException {
        for (long done = 0; done < length; ) {
            long place = offset + done;
            long position = table.position(place >> blockBits);
            long run = runLength(place, length - done, position);
            if (position >= 0) {
                readFile(position, inBlock(place), memory, at + done, run);
            } else if (position == BlockTable.ABSENT) {
                readBacking(place, memory, at + done, run);
            } else if (position == BlockTable.ZERO) {
                zero(memory, at + done, run);
            } else {
                packed.read(place >> blockBits, (int) inBlock(place), memory, at + done, (int) run);
            }
            done += run;
        }
    }

    private static void zero(MemorySegment memory, long at, long length) {
        memory.asSlice(at, length).fill((byte) 0);
    }

    /**
     * Reads blocks that lie side by side in the file. Its last block may be there in part; one that is missing as a
     * whole was truncated.
     */
    private void readFile(long first, long skip, MemorySegment memory, long at, long length) throws IOException {
        long count = file.read(first + skip, memory, at, length);
        if (count < length) {
            long last = first + (skip + length - 1 & -table.blockSize());
            if (file.size() <= last) {
                throw new IOException(name() + " is too short for the block at 0x" + Long.toHexString(last)
                        + ": it has been truncated or is damaged");
            }
            zero(memory, at + count, length - count);
        }
    }

    private void readBacking(long offset, MemorySegment memory, long at, long length) throws IOException {
        long size = backing == null ? 0 : Math.clamp(backing.capacity() - offset, 0, length);
        if (size > 0) {
            backing.read(offset, memory, at, size);
        }
        if (size < length) {
            zero(memory, at + size, length - size);
        }
    }

    @Override
    public void write(long offset, MemorySegment memory, long at, long length) throws IOException {
        checkChange(offset, length);
        for (long done = 0; done < length; ) {
            done += writeInPlace(offset + done, memory, at + done, length - done);
            if (done < length) {
                done += writeNew(offset + done, memory, at + done, length - done);
            }
        }
    }

    /** @return how many bytes lay in blocks that have a place, and are written */
    private long writeInPlace(long offset, MemorySegment memory, long at, long length) throws IOException {
        long stamp = lock.readLock();
        try {
            refuseIfCorrupt();
            long done = 0;
            while (done < length) {
                long position = table.position(offset + done >> blockBits);
                if (position < 0) {
                    break;
                }
                table.beforeWrite(offset + done >> blockBits);
                long run = runLength(offset + done, length - done, position);
                file.write(position + inBlock(offset + done), memory, at + done, run);
                done += run;
            }
            return done;
        } catch (CorruptImageException e) {
            throw corrupted(e);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** Writes a part that lies in one block, which gets a place; zero if it has one meanwhile. */
    private long writeNew(long offset, MemorySegment memory, long at, long length) throws IOException {
        long block = offset >> blockBits;
        long part = Math.min(length, table.blockSize() - inBlock(offset));
        if (table.packs()) {
            return writePacked(block, offset, memory, at, part);
        }
        return change(() -> {
            long old = table.position(block);
            if (old >= 0) {
                return 0;
            }
            table.commitIfCrowded();
            long place = table.nextPlace(block);
            if (old == BlockTable.ABSENT && !shows(block) || old == BlockTable.ZERO) {
                zeroAround(place, inBlock(offset), part);
                file.write(place + inBlock(offset), memory, at, part);
            } else {
                try (Arena arena = Arena.ofConfined()) {
                    file.write(place, whole(arena, offset, memory, at, part));
                }
            }
            table.place(block, place);
            return part;
        });
    }

    /** Whether an absent block shows the backing image. */
    private boolean shows(long block) {
        return backing != null && block << blockBits < backing.capacity();
    }

    /** The block's old content with the new part in it. */
    private MemorySegment whole(Arena arena, long offset, MemorySegment memory, long at, long part)
            throws IOException {
        MemorySegment data = arena.allocate(table.blockSize(), Fd.DIRECT_ALIGNMENT);
        if (part < data.byteSize()) {
            long start = offset - inBlock(offset);
            readLocked(start, data, 0, Math.min(data.byteSize(), capacity - start));
        }
        MemorySegment.copy(memory, at, data, inBlock(offset), part);
        return data;
    }

    /** Compresses beside other threads, and holds the lock only to append the result. */
    private long writePacked(long block, long offset, MemorySegment memory, long at, long part) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data;
            long stamp = lock.readLock();
            try {
                data = whole(arena, offset, memory, at, part);
            } finally {
                lock.unlockRead(stamp);
            }
            MemorySegment stored = table.pack(block, data);
            return change(() -> {
                if (table.position(block) == BlockTable.PACKED) {
                    throw new IOException(name() + ": a compressed block is written once only");
                }
                table.commitIfCrowded();
                table.placeNewPacked(block, stored);
                return part;
            });
        }
    }

    @Override
    public boolean canCompress() {
        return table.packs();
    }

    @Override
    public boolean needsCompressedWrites() {
        return table.packs();
    }

    @Override
    public void writeCompressed(long offset, MemorySegment from) throws IOException {
        if (!canCompress()) {
            throw new UnsupportedOperationException(name() + " holds no compressed data");
        }
        long end = offset + from.byteSize();
        if (inBlock(offset) != 0 || inBlock(end) != 0 && end != capacity) {
            throw new IllegalArgumentException("not whole blocks: " + from.byteSize() + " bytes at " + offset);
        }
        write(offset, from);
    }

    /** Makes the rest of a new block zeros: what the file has there, from a use that a crash undid, is no zeros. */
    private void zeroAround(long place, long from, long length) throws IOException {
        long size = file.size();
        zeroFile(place, Math.min(from, Math.max(0, size - place)));
        long end = place + table.blockSize();
        zeroFile(place + from + length, Math.clamp(size - place - from - length, 0, table.blockSize() - from - length));
        if (size < end && !file.hasFixedSize()) {
            file.truncate(end);
        }
    }

    private void zeroFile(long position, long length) throws IOException {
        if (length > 0 && !file.zero(position, length, true)) {
            writeZeroBytes(length, (zeros, done) -> file.write(position + done, zeros));
        }
    }

    private interface ZeroWriter {
        void write(MemorySegment zeros, long done) throws IOException;
    }

    private static void writeZeroBytes(long length, ZeroWriter writer) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = arena.allocate(Math.min(ZERO_CHUNK, length), Fd.DIRECT_ALIGNMENT);
            for (long done = 0; done < length; done += zeros.byteSize()) {
                writer.write(zeros.asSlice(0, Math.min(zeros.byteSize(), length - done)), done);
            }
        }
    }

    private void checkChange(long offset, long length) throws IOException {
        if (readOnly) {
            throw new IllegalStateException(name() + " is read-only");
        }
        Objects.checkFromIndexSize(offset, length, capacity);
        if (!written && length > 0) {
            change(() -> {
                if (!written) {
                    table.beforeFirstWrite();
                    written = true;
                }
                return 0;
            });
        }
    }

    private interface Change {
        long run() throws IOException;
    }

    private long change(Change change) throws IOException {
        long stamp = lock.writeLock();
        try {
            refuseIfCorrupt();
            return change.run();
        } catch (CorruptImageException e) {
            throw corrupted(e);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    private void refuseIfCorrupt() throws IOException {
        if (corruption != null) {
            throw new IOException(name() + " is corrupt and is not written any more: " + corruption.getMessage(),
                    corruption);
        }
    }

    private CorruptImageException corrupted(CorruptImageException cause) {
        corruption = cause;
        return cause;
    }

    @Override
    public void flush() throws IOException {
        if (readOnly) {
            return;
        }
        refuseIfCorrupt();
        if (!table.isChanged()) {
            file.flush();
            return;
        }
        change(() -> {
            table.commit();
            return 0;
        });
    }

    /** What is done with a part of the disk that lies side by side in the file, or has no place there. */
    private interface RunAction {
        void on(long offset, long length, long position) throws IOException;
    }

    private void forRuns(long offset, long length, RunAction action) throws IOException {
        for (long done = 0; done < length; ) {
            long place = offset + done;
            long stamp = lock.readLock();
            long position;
            long run;
            try {
                refuseIfCorrupt();
                position = table.position(place >> blockBits);
                run = runLength(place, length - done, position);
                if (position >= 0) {
                    action.on(place, run, position + inBlock(place));
                }
            } finally {
                lock.unlockRead(stamp);
            }
            if (position < 0) {
                action.on(place, run, position);
            }
            done += run;
        }
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        checkChange(offset, length);
        if (unmap) {
            forRuns(offset, length, (place, run, position) -> {
                long inFile = Math.min(run, file.size() - position);
                if (position >= 0 && inFile > 0) {
                    file.punch(position, inFile);
                }
            });
        }
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        checkChange(offset, length);
        forRuns(offset, length, (place, run, position) -> {
            if (position >= 0) {
                boolean done = position + run <= file.size() && file.zero(position, run, mayUnmap && unmap);
                if (!done) {
                    writeZeroBytes(run, (zeros, at) -> file.write(position + at, zeros));
                }
            } else if (position == BlockTable.PACKED || position == BlockTable.ABSENT && backing != null
                    && place < backing.capacity()) {
                writeZeroBytes(run, (zeros, at) -> write(place + at, zeros));
            }
        });
    }

    @Override
    public Extent extent(long offset, long length) throws IOException {
        Objects.checkFromIndexSize(offset, length, capacity);
        long stamp = lock.readLock();
        try {
            long position = table.position(offset >> blockBits);
            long run = runLength(offset, length, position);
            if (position >= 0) {
                long inFile = file.size() - position - inBlock(offset);
                return inFile <= 0 ? new Extent(run, false)
                        : file.extent(position + inBlock(offset), Math.min(run, inFile));
            }
            if (position == BlockTable.ABSENT && backing != null && offset < backing.capacity()) {
                return backing.extent(offset, Math.min(run, backing.capacity() - offset));
            }
            return new Extent(run, position != BlockTable.PACKED);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    @Override
    public BlockStatus status(long offset, long length) throws IOException {
        Objects.checkFromIndexSize(offset, length, capacity);
        if (!table.tellsPlaces()) {
            return BlockStatus.data(length);
        }
        long stamp = lock.readLock();
        try {
            long position = table.position(offset >> blockBits);
            long run = runLength(offset, length, position);
            if (position >= 0) {
                return BlockStatus.data(run, position + inBlock(offset), file.name());
            }
            return position == BlockTable.PACKED ? BlockStatus.data(run)
                    : position == BlockTable.ZERO ? BlockStatus.zeros(run)
                    : BlockStatus.unallocated(run, backing == null || offset >= backing.capacity());
        } finally {
            lock.unlockRead(stamp);
        }
    }

    @Override
    public DiskImage backing() {
        return backing;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (backing; file) {
            if (!readOnly && corruption == null) {
                change(() -> {
                    table.close();
                    return 0;
                });
            }
        }
    }
}
