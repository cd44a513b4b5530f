package jkvm.boot;

import java.nio.file.Path;
import jkvm.memory.GuestMemory;
import jkvm.tables.MemoryMap;

/** A file without a header, put into memory as it is. */
public final class FlatImage {
    private static final int PARAGRAPH_SHIFT = 4;
    private static final int PARAGRAPH_MASK = 0xF;
    private static final int REAL_SEGMENT_SIZE = 0x10000;

    private FlatImage() {
    }

    /**
     * Loads a file. It may lie anywhere in RAM, over firmware tables too.
     *
     * @param address guest physical address of its first byte
     * @throws BootException if the file cannot be read, is empty, or does not fit into RAM there
     */
    public static void load(Path file, long address, GuestMemory memory) {
        try (BootFile image = BootFile.open(BootException.Role.IMAGE, file.toString())) {
            if (image.size() == 0) {
                throw image.error("is empty");
            }
            if (!memory.contains(address, image.size())) {
                throw image.error("%d bytes at 0x%x are not all in the guest's RAM (%d bytes)".formatted(image.size(),
                        address, memory.size()));
            }
            image.readInto(memory, address, 0, image.size());
        }
    }

    /**
     * The state of a vCPU that starts at an image's first byte. Below 1 MiB that is real mode: at {@code 0:address} in
     * the first 64 KiB, else at offset 0 to 15 of the segment there. Above it is flat 32-bit protected mode.
     *
     * @throws BootException if the address is not below 4 GiB
     */
    public static EntryState entry(long address) {
        if (address < 0 || address >= BootLayout.FOUR_GIB) {
            throw new BootException("a vCPU cannot start at 0x%x: the address must be below 4 GiB".formatted(address));
        }
        if (address < REAL_SEGMENT_SIZE) {
            return EntryStates.realMode(0, (int) address);
        }
        if (address < MemoryMap.FIRMWARE_END) {
            return EntryStates.realMode((int) (address >>> PARAGRAPH_SHIFT), (int) address & PARAGRAPH_MASK);
        }
        return EntryStates.protected32(address, StartRegisters.ZERO);
    }
}
