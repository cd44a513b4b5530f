package jkvm.device.scsi;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.host.image.MediumSlot;

/** Sectors of a CD with their synchronisation and header (mode 1); the codes that correct errors are zeros. */
final class RawSector {
    static final int SIZE = 2352;
    private static final int DATA_OFFSET = 16;
    private static final int SYNC_SIZE = 12;
    private static final int MODE_OFFSET = 15;
    private static final int MODE_1 = 1;

    private final MediumSlot slot;
    private final byte[] sector = new byte[SIZE];
    private final MemorySegment memory = MemorySegment.ofArray(sector);
    private final MemorySegment data = memory.asSlice(DATA_OFFSET, CdRom.BLOCK_SIZE);

    RawSector(MediumSlot slot) {
        this.slot = slot;
    }

    /**
     * Reads bytes of raw sectors.
     *
     * @param first  the block that position 0 begins with
     * @param position in bytes of raw sectors
     */
    void read(long first, long position, MemorySegment to, long at, int length) throws IOException {
        for (int done = 0; done < length;) {
            long block = first + (position + done) / SIZE;
            int within = (int) ((position + done) % SIZE);
            int piece = Math.min(length - done, SIZE - within);
            make(block);
            MemorySegment.copy(memory, within, to, at + done, piece);
            done += piece;
        }
    }

    private void make(long block) throws IOException {
        memory.asSlice(1, SYNC_SIZE - 2).fill((byte) 0xFF);
        memory.set(ValueLayout.JAVA_BYTE, SYNC_SIZE - 1, (byte) 0);
        DiscTime.put(sector, SYNC_SIZE, block);
        sector[MODE_OFFSET] = MODE_1;
        slot.read(block * CdRom.BLOCK_SIZE, data, 0, CdRom.BLOCK_SIZE);
    }
}
