package jkvm.host.disk.vmdk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.table.BlockTable;
import jkvm.host.disk.table.EntryTable;

/**
 * The grain directory and the grain tables of a sparse extent, each of which may be there twice. All tables lie below
 * the header's overhead and all grains above it, or the extent is not written. New grains go to the end of the file.
 */
final class VmdkTable extends BlockTable {
    /** An entry of a grain that reads as zeros. */
    private static final long ZEROED = 1;
    private static final int SECTOR = DiskImage.SECTOR_SIZE, ENTRY_SIZE = 4;
    /** Bytes before a compressed grain: its first sector on the disk, and its size. */
    private static final int MARKER_SIZE = 12;

    private final VmdkHeader header;
    private final boolean writable;
    private final EntryTable directory;
    private final EntryTable redundant;
    /** Where the next new grain goes. */
    private long end;

    VmdkTable(BlockFile file, VmdkHeader header, boolean writable) throws IOException {
        super(file, EntryTable.scattered(file, header.entriesPerTable() * ENTRY_SIZE, ENTRY_SIZE,
                ByteOrder.LITTLE_ENDIAN, "grain table"), header.grainSize());
        this.header = header;
        this.writable = writable;
        this.directory = directory(file, header.directoryOffset());
        this.redundant = header.hasRedundant() ? directory(file, header.redundantOffset()) : null;
        this.end = Bytes.roundUp(Math.max(file.size(), header.overhead() * SECTOR), header.grainSize());
        if (writable && (header.footer() || header.version() == 3 && !header.compressed())) {
            throw new IOException("an image of this kind can be read only: open it read-only, or convert it");
        }
    }

    private static EntryTable directory(BlockFile file, long sector) {
        return new EntryTable(file, sector * SECTOR, ENTRY_SIZE, ByteOrder.LITTLE_ENDIAN, "grain directory");
    }

    /** Where the grain table of a block is, or 0. */
    private long table(EntryTable of, long block) throws IOException {
        long sector = of.get(block / header.entriesPerTable());
        if (writable && sector != 0 && sector + header.entriesPerTable() * ENTRY_SIZE / SECTOR > header.overhead()) {
            throw new CorruptImageException("the grain table at sector " + sector + " lies among the grains");
        }
        return sector * SECTOR;
    }

    private int index(long block) {
        return (int) (block & header.entriesPerTable() - 1);
    }

    @Override
    public long position(long block) throws IOException {
        long table = table(directory, block);
        long sector = table == 0 ? 0 : entries().get(table, index(block));
        if (sector == 0) {
            return ABSENT;
        }
        if (sector == ZEROED && header.hasZeroGrains()) {
            return ZERO;
        }
        if (writable && sector < header.overhead()) {
            throw new CorruptImageException("the grain at sector " + sector + " lies on a table");
        }
        return header.compressed() ? PACKED : sector * SECTOR;
    }

    @Override
    public long nextPlace(long block) throws IOException {
        if (end / SECTOR + header.grain() > 0xffffffffL) {
            throw new IOException("the file has reached the largest size of the format, 2 TiB");
        }
        return end;
    }

    @Override
    protected void setPosition(long block, long position) throws IOException {
        setEntry(block, position / SECTOR);
        end = position + blockSize();
    }

    private void setEntry(long block, long sector) throws IOException {
        long table = table(directory, block);
        long second = redundant == null ? 0 : table(redundant, block);
        if (table == 0 || redundant != null && second == 0) {
            throw new IOException("there is no grain table for block " + block);
        }
        entries().set(table, index(block), sector);
        if (second != 0) {
            entries().set(second, index(block), sector);
        }
    }

    @Override
    protected boolean packs() {
        return header.compressed();
    }

    @Override
    protected MemorySegment pack(long block, MemorySegment data) {
        byte[] packed = new byte[(int) Bytes.roundUp(MARKER_SIZE + 64 + blockSize() + blockSize() / 1000, SECTOR)];
        int start = header.hasMarkers() ? MARKER_SIZE : 0;
        Deflater deflater = new Deflater();
        int size = 0;
        try {
            deflater.setInput(data.asByteBuffer());
            deflater.finish();
            while (!deflater.finished()) {
                size += deflater.deflate(packed, start + size, packed.length - start - size);
            }
        } finally {
            deflater.end();
        }
        if (header.hasMarkers()) {
            ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN).putLong(0, block * header.grain()).putInt(8, size);
        }
        return MemorySegment.ofArray(packed).asSlice(0, Bytes.roundUp(start + size, SECTOR));
    }

    @Override
    protected void placePacked(long block, MemorySegment packed) throws IOException {
        long place = nextPlace(block);
        file().write(place, packed);
        setEntry(block, place / SECTOR);
        end = place + packed.byteSize();
    }

    /** A grain whose compressed form is larger than itself is looked for in twice its size, as QEMU does. */
    @Override
    protected void unpack(long block, byte[] to) throws IOException {
        long position = entries().get(table(directory, block), index(block)) * SECTOR;
        Inflater inflater = new Inflater();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment read = arena.allocate(2L * blockSize());
            long count = file().read(position, read);
            MemorySegment packed = read.asSlice(0, count);
            if (header.hasMarkers()) {
                ByteBuffer marker = read.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
                long size = Integer.toUnsignedLong(marker.getInt(8));
                if (size == 0 || size > count - MARKER_SIZE) {
                    throw new IOException("the compressed grain at 0x" + Long.toHexString(position)
                            + " has an invalid size, " + size);
                }
                packed = read.asSlice(MARKER_SIZE, size);
            }
            inflater.setInput(packed.asByteBuffer());
            int size = 0;
            for (int part = -1; size < to.length && part != 0; size += part) {
                part = inflater.inflate(to, size, to.length - size);
            }
            long onDisk = Math.min(blockSize(), header.capacity() * SECTOR - block * blockSize());
            if (size < onDisk) {
                throw new IOException("the compressed grain at 0x" + Long.toHexString(position) + " ends after "
                        + size + " bytes");
            }
        } catch (DataFormatException e) {
            throw new IOException("the compressed grain at 0x" + Long.toHexString(position) + " is damaged: "
                    + e.getMessage(), e);
        } finally {
            inflater.end();
        }
    }

    /** The first block of which the grain lies past the end of the file, or -1. */
    long firstPastEnd() throws IOException {
        for (long block = 0; block < header.grainCount(); block++) {
            long table = table(directory, block);
            if (table == 0) {
                block |= header.entriesPerTable() - 1;
                continue;
            }
            long sector = entries().get(table, index(block));
            if (sector * SECTOR >= file().size() && sector != 0) {
                return block;
            }
        }
        return -1;
    }
}
