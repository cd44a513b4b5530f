package jkvm.host.disk.table;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import jkvm.host.disk.BlockFile;

/**
 * Where each block of a disk is in a file, and the order in which changes get there. {@link #position} may run side by
 * side with itself; a caller of any other method excludes all others.
 *
 * <p>Changes stay in memory until {@link #commit}, which makes data durable before a table refers to it: after a crash
 * there may be blocks that nothing refers to, and nothing worse.
 */
public abstract class BlockTable {
    /**
     * Positions of blocks that have no place in the file: those that show the backing image, if there is one, and those
     * of which the image says that they are zeros.
     */
    public static final long ABSENT = -1, ZERO = -2;
    /** The position of a block that {@link #unpack} reads. */
    public static final long PACKED = -3;

    private final BlockFile file;
    private final EntryTable entries;
    private final int blockSize;
    private volatile boolean changed;

    /** @param blockSize in bytes, a power of two */
    protected BlockTable(BlockFile file, EntryTable entries, int blockSize) {
        if (Integer.bitCount(blockSize) != 1) {
            throw new IllegalArgumentException("block size " + blockSize);
        }
        this.file = file;
        this.entries = entries;
        this.blockSize = blockSize;
    }

    protected final BlockFile file() {
        return file;
    }

    protected final EntryTable entries() {
        return entries;
    }

    public final int blockSize() {
        return blockSize;
    }

    /**
     * Where a block of the disk is in the file, or one of the negative constants. Makes no object.
     *
     * @throws jkvm.host.disk.CorruptImageException if the table says what cannot be
     */
    public abstract long position(long block) throws IOException;

    /** Where a block that has no place goes next. Nothing is taken until {@link #place}. */
    public abstract long nextPlace(long block) throws IOException;

    /** Puts a block that had no place at {@link #nextPlace}, where its data is written already. */
    public final void place(long block, long position) throws IOException {
        changed = true;
        setPosition(block, position);
    }

    /** Stores a new block of which {@link #pack} has made {@code packed}. */
    final void placeNewPacked(long block, MemorySegment packed) throws IOException {
        changed = true;
        placePacked(block, packed);
    }

    protected abstract void setPosition(long block, long position) throws IOException;

    /** Reads a block that is stored in another form than as it is. */
    protected void unpack(long block, byte[] to) throws IOException {
        throw new IOException("compressed blocks are not supported");
    }

    /** Whether users hear where blocks are stored: QEMU does not tell it of each format. */
    protected boolean tellsPlaces() {
        return true;
    }

    /** Whether new blocks are stored in another form than as they are: by {@link #pack} and {@link #placePacked}. */
    protected boolean packs() {
        return false;
    }

    /** The stored form of a block. Any thread may call, side by side. */
    protected MemorySegment pack(long block, MemorySegment data) throws IOException {
        throw new IOException("compressed blocks are not supported");
    }

    /** Writes the stored form of a block that had no place, and says where it is. */
    protected void placePacked(long block, MemorySegment packed) throws IOException {
        throw new IOException("compressed blocks are not supported");
    }

    /** The disk is about to be written for the first time since it was opened. */
    protected void beforeFirstWrite() throws IOException {
    }

    /** Data is about to be written into a block that has a place. Any thread may call, side by side. */
    protected void beforeWrite(long block) throws IOException {
    }

    /** Writes the parts of the file that have to be there before a table refers to new blocks. */
    protected void writeBeforeEntries() throws IOException {
    }

    /** Writes the tables that refer to the tables of entries. */
    protected void writeAfterEntries() throws IOException {
    }

    /** True if {@link #commit} has something to do. */
    final boolean isChanged() {
        return changed;
    }

    final void commitIfCrowded() throws IOException {
        if (entries.isCrowded()) {
            commit();
        }
    }

    /** Makes all changes and all data written so far durable. If it throws, the next one does it again. */
    final void commit() throws IOException {
        writeBeforeEntries();
        file.flush();
        if (entries.isDirty()) {
            entries.writeDirty();
            file.flush();
        }
        writeAfterEntries();
        entries.markClean();
        changed = false;
    }

    /** Writes what is left when the image is closed. */
    protected void close() throws IOException {
        if (changed) {
            commit();
        }
    }
}
