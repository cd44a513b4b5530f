package jkvm.device.floppy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jkvm.host.image.MediumSlot;

/**
 * One sector on its way between a disk and the guest. It belongs to whoever's turn it is: the worker, which may wait
 * for the host, or the guest.
 */
final class SectorAccess {
    private static final int SIZE = FloppyLayout.SECTOR_SIZE;

    /** The guest's data. */
    private final byte[] data = new byte[SIZE];
    private final MemorySegment dataMemory = MemorySegment.ofArray(data);
    /** What is on the disk, or is to be. */
    private final byte[] disk = new byte[SIZE];
    private final MemorySegment diskMemory = MemorySegment.ofArray(disk);

    byte[] data() {
        return data;
    }

    void read(MediumSlot slot, long offset) throws IOException {
        slot.read(offset, dataMemory, 0, SIZE);
    }

    /** Reads a sector to compare it, or to see that it can be read. */
    void verify(MediumSlot slot, long offset) throws IOException {
        slot.read(offset, diskMemory, 0, SIZE);
    }

    /** Writes the guest's first bytes; the rest of the sector stays. */
    void write(MediumSlot slot, long offset, int count) throws IOException {
        if (count < SIZE) {
            verify(slot, offset);
        }
        System.arraycopy(data, 0, disk, 0, count);
        write(slot, offset);
    }

    void fill(MediumSlot slot, long offset, int filler) throws IOException {
        Arrays.fill(disk, (byte) filler);
        write(slot, offset);
    }

    private void write(MediumSlot slot, long offset) throws IOException {
        slot.write(offset, diskMemory, 0, SIZE);
        if (slot.spec().filter(spec -> spec.options().cache().writesThrough()).isPresent()) {
            slot.flush();
        }
    }

    /**
     * The first byte that differs, of the disk less the guest's; 0 if none does. The guest's bytes of FFh match any
     * (82078 data sheet, SCAN).
     */
    int compare(int count) {
        for (int i = 0; i < count; i++) {
            int difference = (disk[i] & 0xFF) - (data[i] & 0xFF);
            if (difference != 0 && data[i] != (byte) 0xFF) {
                return difference;
            }
        }
        return 0;
    }
}
