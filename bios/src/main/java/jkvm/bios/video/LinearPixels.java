package jkvm.bios.video;

import jkvm.bios.PhysicalMemory;

/** Pixels of one to four bytes each, row by row: mode 13h, and the modes of VBE in their linear frame buffer. */
final class LinearPixels implements PixelFormat {
    private static final int GLYPH_WIDTH = 8;
    private static final int MAX_PIXEL_BYTES = 4;

    private final PhysicalMemory memory;
    private final long base;
    private final int rowBytes;
    private final int pixelBytes;
    private final byte[] few = new byte[GLYPH_WIDTH * MAX_PIXEL_BYTES];

    /**
     * Makes the format of a mode.
     *
     * @param base where the first pixel is, guest physical
     */
    LinearPixels(PhysicalMemory memory, long base, int rowBytes, int pixelBytes) {
        this.memory = memory;
        this.base = base;
        this.rowBytes = rowBytes;
        this.pixelBytes = pixelBytes;
    }

    @Override
    public int pixel(int page, int x, int y) {
        memory.read(address(x, y), few, 0, pixelBytes);
        int colour = 0;
        for (int i = pixelBytes - 1; i >= 0; i--) {
            colour = colour << Byte.SIZE | few[i] & 0xFF;
        }
        return colour;
    }

    @Override
    public void setPixel(int page, int x, int y, int colour, boolean combine) {
        // With 256 colours bit 7 belongs to the colour.
        put(0, colour);
        memory.write(address(x, y), few, 0, pixelBytes);
    }

    @Override
    public void setEight(int page, int x, int y, int bits, int colour, int background, boolean combine) {
        for (int i = 0; i < GLYPH_WIDTH; i++) {
            put(i, (bits >> GLYPH_WIDTH - 1 - i & 1) != 0 ? colour : background);
        }
        memory.write(address(x, y), few, 0, GLYPH_WIDTH * pixelBytes);
    }

    private void put(int index, int colour) {
        for (int i = 0; i < pixelBytes; i++) {
            few[index * pixelBytes + i] = (byte) (colour >> i * Byte.SIZE);
        }
    }

    @Override
    public void copyRow(int page, int x, int width, int from, int to) {
        byte[] row = new byte[width * pixelBytes];
        memory.read(address(x, from), row, 0, row.length);
        memory.write(address(x, to), row, 0, row.length);
    }

    @Override
    public void fillRow(int page, int x, int width, int y, int colour) {
        byte[] row = new byte[width * pixelBytes];
        for (int i = 0; i < row.length; i++) {
            row[i] = (byte) (colour >> i % pixelBytes * Byte.SIZE);
        }
        memory.write(address(x, y), row, 0, row.length);
    }

    private long address(int x, int y) {
        return base + (long) y * rowBytes + (long) x * pixelBytes;
    }
}
