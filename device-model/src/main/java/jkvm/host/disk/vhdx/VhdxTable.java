package jkvm.host.disk.vhdx;

import java.io.IOException;
import java.nio.ByteOrder;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.table.BlockTable;
import jkvm.host.disk.table.EntryTable;

/**
 * The table of blocks: for each a state and its place in the file, in units of 1 MiB; between them entries of the
 * sectors' bitmap. New blocks go to the end of the file.
 */
final class VhdxTable extends BlockTable {
    /** States of a block. */
    static final int ZERO_STATE = 2, PRESENT = 6;
    private static final int PARTIALLY_PRESENT = 7, STATE_MASK = 7;
    private static final long PLACE_MASK = -1L << 20;

    private final VhdxLayout layout;
    private final long blocksPerBitmap;
    private VhdxHeader header;
    /** Where the next new block goes. */
    private long end;

    VhdxTable(BlockFile file, VhdxHeader header, VhdxLayout layout) throws IOException {
        super(file, new EntryTable(file, layout.tableOffset(), 8, ByteOrder.LITTLE_ENDIAN, "table of blocks"),
                layout.blockSize());
        this.header = header;
        this.layout = layout;
        this.blocksPerBitmap = layout.blocksPerBitmap();
        long used = file.size();
        for (VhdxLayout.Range each : layout.regions()) {
            used = Math.max(used, each.to());
        }
        this.end = Bytes.roundUp(used, VhdxHeader.MIB);
    }

    @Override
    protected boolean tellsPlaces() {
        return false;
    }

    private long index(long block) {
        return block + block / blocksPerBitmap;
    }

    @Override
    public long position(long block) throws IOException {
        long entry = entries().get(index(block));
        int state = (int) (entry & STATE_MASK);
        if (state == PRESENT) {
            long place = entry & PLACE_MASK;
            String error = error(block, place, Long.MAX_VALUE);
            if (error != null) {
                throw new CorruptImageException(error);
            }
            return place;
        }
        if (state == PARTIALLY_PRESENT) {
            throw new IOException("block " + block + " is stored in part only: the image's parent is missing");
        }
        return ZERO;
    }

    /** Says why no block can be there, or null. */
    private String error(long block, long place, long fileSize) {
        if (place < 0 || place > fileSize - blockSize()) {
            return "VHDX BAT entry " + index(block) + " start offset " + place + " points after end of file ("
                    + fileSize + "). Image has probably been truncated.";
        }
        for (VhdxLayout.Range each : layout.regions()) {
            if (each.overlaps(place, place + blockSize())) {
                return "VHDX region " + place + "-" + (place + blockSize()) + " overlaps with region " + each.from()
                        + "-" + each.to();
            }
        }
        return null;
    }

    /** What is done with an error. */
    interface ErrorHandler {
        void on(String message) throws IOException;
    }

    /** Looks at the places of all blocks. */
    void check(ErrorHandler handler) throws IOException {
        long fileSize = file().size();
        entries().scan(VhdxLayout.entryCount(layout.blocks(), blocksPerBitmap), (index, entry) -> {
            boolean isBitmap = index % (blocksPerBitmap + 1) == blocksPerBitmap;
            long block = index - index / (blocksPerBitmap + 1);
            String error = !isBitmap && (entry & STATE_MASK) == PRESENT
                    ? error(block, entry & PLACE_MASK, fileSize) : null;
            if (error != null) {
                handler.on(error);
            }
        });
    }

    @Override
    public long nextPlace(long block) {
        return end;
    }

    @Override
    protected void setPosition(long block, long position) throws IOException {
        entries().set(index(block), position | PRESENT);
        end = position + blockSize();
    }

    @Override
    protected void beforeFirstWrite() throws IOException {
        header = header.update(file(), true);
    }
}
