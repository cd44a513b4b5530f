package jkvm.host.disk.table;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.Extent;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.TableImage;
import jkvm.linux.Fd;

/**
 * A disk of blocks, each of which has a place in the file or none. A block that has a place keeps it: a discard gives
 * the space below it back to the host.
 */
public final class BlockDisk extends TableImage {
    private final BlockTable table;
    private final DiskImage backing;
    private final boolean unmap;
    private final int blockBits;
    private final PackedBlock packed;
    private volatile boolean written;

    /**
     * @param file     closed with the disk
     * @param backing  shown where blocks are absent, and closed with the disk; null for zeros
     * @param capacity in bytes; whole sectors of it are used
     * @param unmap    whether discards give space back
     */
    public BlockDisk(BlockFile file, BlockTable table, DiskImage backing, ImageFormat format, long capacity,
            boolean readOnly, boolean unmap) {
        super(file, format, capacity, readOnly);
        this.table = table;
        this.backing = backing;
        this.unmap = unmap;
        this.blockBits = Integer.numberOfTrailingZeros(table.blockSize());
        this.packed = new PackedBlock(table);
    }

    @Override
    public int blockSize() {
        return table.blockSize();
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
    protected void readLocked(long offset, MemorySegment memory, long at, long length) throws IOException {
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
        long count = file().read(first + skip, memory, at, length);
        if (count < length) {
            long last = first + (skip + length - 1 & -table.blockSize());
            if (file().size() <= last) {
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
    protected long writeInPlace(long offset, MemorySegment memory, long at, long length) throws IOException {
        long done = 0;
        while (done < length) {
            long position = table.position(offset + done >> blockBits);
            if (position < 0) {
                break;
            }
            table.beforeWrite(offset + done >> blockBits);
            long run = runLength(offset + done, length - done, position);
            file().write(position + inBlock(offset + done), memory, at + done, run);
            done += run;
        }
        return done;
    }

    @Override
    protected long writeNew(long offset, MemorySegment memory, long at, long length) throws IOException {
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
            if (old == BlockTable.ABSENT && !shows(block << blockBits) || old == BlockTable.ZERO) {
                zeroAround(place, inBlock(offset), part);
                file().write(place + inBlock(offset), memory, at, part);
            } else {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment data = arena.allocate(table.blockSize(), Fd.DIRECT_ALIGNMENT);
                    fillWhole(data, offset, memory, at, part);
                    file().write(place, data);
                }
            }
            table.place(block, place);
            return part;
        });
    }

    /** Whether an absent block that begins at {@code offset}, or has it, shows the backing image there. */
    private boolean shows(long offset) {
        return backing != null && offset < backing.capacity();
    }

    /** Fills {@code data} with the block's old content and the new part in it. @return the part's length */
    private long fillWhole(MemorySegment data, long offset, MemorySegment memory, long at, long part)
            throws IOException {
        if (part < data.byteSize()) {
            long start = offset - inBlock(offset);
            readLocked(start, data, 0, Math.min(data.byteSize(), capacity() - start));
        }
        MemorySegment.copy(memory, at, data, inBlock(offset), part);
        return part;
    }

    /** Compresses beside other threads, and holds the lock only to append the result. */
    private long writePacked(long block, long offset, MemorySegment memory, long at, long part) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(table.blockSize(), Fd.DIRECT_ALIGNMENT);
            look(() -> fillWhole(data, offset, memory, at, part));
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
        if (inBlock(offset) != 0 || inBlock(end) != 0 && end != capacity()) {
            throw new IllegalArgumentException("not whole blocks: " + from.byteSize() + " bytes at " + offset);
        }
        write(offset, from);
    }

    /** Makes the rest of a new block zeros: what the file has there, from a use that a crash undid, is no zeros. */
    private void zeroAround(long place, long from, long length) throws IOException {
        long size = file().size();
        file().makeZero(place, Math.min(from, Math.max(0, size - place)), true);
        long end = place + table.blockSize();
        long rest = place + from + length;
        file().makeZero(rest, Math.clamp(size - rest, 0, end - rest), true);
        if (size < end && !file().hasFixedSize()) {
            file().truncate(end);
        }
    }

    @Override
    protected void beforeChange(long offset, long length) throws IOException {
        checkChange(offset, length);
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

    @Override
    protected boolean isChanged() {
        return table.isChanged();
    }

    @Override
    protected void commit() throws IOException {
        table.commit();
    }

    @Override
    protected void flushData() throws IOException {
        file().flush();
    }

    @Override
    protected void finish() throws IOException {
        table.close();
    }

    @Override
    protected void closeOthers() throws IOException {
        if (backing != null) {
            backing.close();
        }
    }

    /** The work on a part of the disk that lies side by side in the file. */
    private interface RunAction {
        void on(long position, long length) throws IOException;
    }

    /**
     * Applies the action to a first part of a range, if that has a place in the file.
     *
     * @return the part's length; negative if it has no place and shows what is elsewhere
     */
    private long onRun(long offset, long limit, RunAction action) throws IOException {
        return look(() -> {
            refuseIfCorrupt();
            long position = table.position(offset >> blockBits);
            long run = runLength(offset, limit, position);
            if (position >= 0) {
                action.on(position + inBlock(offset), run);
            }
            return position == BlockTable.PACKED || position == BlockTable.ABSENT && shows(offset) ? -run : run;
        });
    }

    @Override
    public void discard(long offset, long length) throws IOException {
        beforeChange(offset, length);
        for (long done = 0; unmap && done < length; ) {
            done += Math.abs(onRun(offset + done, length - done, (position, run) -> {
                long inFile = Math.min(run, file().size() - position);
                if (inFile > 0) {
                    file().punch(position, inFile);
                }
            }));
        }
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
        beforeChange(offset, length);
        for (long done = 0; done < length; ) {
            long run = onRun(offset + done, length - done, (position, size) -> {
                if (position + size <= file().size()) {
                    file().makeZero(position, size, mayUnmap && unmap);
                } else {
                    file().writeZeros(position, size);
                }
            });
            if (run < 0) {
                writeZeroData(offset + done, -run);
            }
            done += Math.abs(run);
        }
    }

    @Override
    protected Extent extentLocked(long offset, long length) throws IOException {
        long position = table.position(offset >> blockBits);
        long run = runLength(offset, length, position);
        if (position >= 0) {
            long inFile = file().size() - position - inBlock(offset);
            return inFile <= 0 ? new Extent(run, false)
                    : file().extent(position + inBlock(offset), Math.min(run, inFile));
        }
        if (position == BlockTable.ABSENT && shows(offset)) {
            return backing.extent(offset, Math.min(run, backing.capacity() - offset));
        }
        return new Extent(run, position != BlockTable.PACKED);
    }

    @Override
    protected BlockStatus statusLocked(long offset, long length) throws IOException {
        if (!table.tellsPlaces()) {
            return BlockStatus.data(length);
        }
        long position = table.position(offset >> blockBits);
        long run = runLength(offset, length, position);
        if (position >= 0) {
            return BlockStatus.data(run, position + inBlock(offset), name());
        }
        return position == BlockTable.PACKED ? BlockStatus.data(run)
                : position == BlockTable.ZERO ? BlockStatus.zeros(run)
                : BlockStatus.unallocated(run, !shows(offset));
    }

    @Override
    public DiskImage backing() {
        return backing;
    }
}
