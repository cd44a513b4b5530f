package jkvm.device.pci;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jkvm.bus.IoHandler;

/**
 * The content of an expansion ROM (PCI 3.0 section 6.3): images of code, for firmware of different kinds, one after the
 * other. Reads past them give zeroes; it cannot be written. Immutable, so that several functions may have it.
 */
public final class ExpansionRom implements IoHandler {
    /** Base address registers of ROMs have no address bits below this size. */
    private static final int MIN_SIZE = 2 << 10;
    /** A byte that images of a PC's BIOS leave to their checksum. */
    private static final int CHECKSUM_OFFSET = 6;
    private static final int STRUCTURE_POINTER = 0x18;
    /** "PCIR". */
    private static final int STRUCTURE_SIGNATURE = 0x52494350;
    private static final int IDS_OFFSET = 4;

    private final ByteBuffer content;

    /** @param image not empty, up to 1 GiB; the ROM has the next power of two as its size, at least 2 KiB */
    public ExpansionRom(byte[] image) {
        int size = Math.max(Integer.highestOneBit(2 * image.length - 1), MIN_SIZE);
        this.content = ByteBuffer.wrap(Arrays.copyOf(image, size)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The ROM with the ids of a function in its first image, whose checksum stays as it is: one file serves a model
     * under several ids, and firmware runs an image for the very ids of its function alone. QEMU does so with the files
     * of its models, not with a user's. A file without an image of PCI (PCI 3.0 section 6.3.1.1) stays as it is.
     */
    ExpansionRom withIds(int vendor, int device) {
        int structure = Short.toUnsignedInt(content.getShort(STRUCTURE_POINTER));
        if (structure + IDS_OFFSET + Integer.BYTES > size() || content.getInt(structure) != STRUCTURE_SIGNATURE) {
            return this;
        }
        byte[] changed = content.array().clone();
        ByteBuffer bytes = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        int at = structure + IDS_OFFSET;
        int before = sum(changed, at);
        bytes.putInt(at, device << 16 | vendor);
        changed[CHECKSUM_OFFSET] += (byte) (before - sum(changed, at));
        return new ExpansionRom(changed);
    }

    private static int sum(byte[] bytes, int at) {
        return bytes[at] + bytes[at + 1] + bytes[at + 2] + bytes[at + 3];
    }

    /** A copy of its content. */
    public byte[] image() {
        return content.array().clone();
    }

    /** In bytes; a power of two. */
    int size() {
        return content.capacity();
    }

    @Override
    public long read(long offset, int size) {
        int at = (int) offset;
        return switch (size) {
            case 1 -> content.get(at);
            case 2 -> content.getShort(at);
            case 4 -> content.getInt(at);
            default -> content.getLong(at);
        };
    }

    @Override
    public void write(long offset, int size, long value) {
        // Read-only.
    }
}
