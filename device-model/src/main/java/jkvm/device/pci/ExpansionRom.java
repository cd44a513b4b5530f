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

    private final ByteBuffer content;

    /** @param image not empty, up to 1 GiB; the ROM has the next power of two as its size, at least 2 KiB */
    public ExpansionRom(byte[] image) {
        int size = Math.max(Integer.highestOneBit(2 * image.length - 1), MIN_SIZE);
        this.content = ByteBuffer.wrap(Arrays.copyOf(image, size)).order(ByteOrder.LITTLE_ENDIAN);
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
