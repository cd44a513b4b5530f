package jkvm.bios.video;

/** Pixels of modes 4 to 6, packed into bytes: even rows first, then odd ones. */
final class PackedPixels implements PixelFormat {
    private static final int WINDOW = 0x18000;
    private static final int ODD_ROWS = 0x2000;
    private static final int ROW_BYTES = 80;

    private final VideoAdapter adapter;
    /** 1 or 2. */
    private final int bits;

    PackedPixels(VideoAdapter adapter, int bits) {
        this.adapter = adapter;
        this.bits = bits;
    }

    @Override
    public int pixel(int page, int x, int y) {
        return adapter.readMemory(offset(x, y)) >> shift(x) & (1 << bits) - 1;
    }

    @Override
    public void setPixel(int page, int x, int y, int colour, boolean combine) {
        int mask = (1 << bits) - 1;
        int offset = offset(x, y);
        int old = adapter.readMemory(offset);
        int value = (colour & mask) << shift(x);
        adapter.writeMemory(offset, combine ? old ^ value : old & ~(mask << shift(x)) | value);
    }

    @Override
    public void setEight(int page, int x, int y, int pixels, int colour, int background, boolean combine) {
        int value = 0;
        for (int bit = Byte.SIZE - 1; bit >= 0; bit--) {
            boolean isSet = (pixels >> bit & 1) != 0;
            int pixel = isSet ? colour : combine ? 0 : background;
            value = value << bits | pixel & (1 << bits) - 1;
        }
        int offset = offset(x, y);
        for (int i = 0; i < bits; i++) {
            int part = value >> (bits - 1 - i) * Byte.SIZE & 0xFF;
            adapter.writeMemory(offset + i, combine ? adapter.readMemory(offset + i) ^ part : part);
        }
    }

    @Override
    public void copyRow(int page, int x, int width, int from, int to) {
        int source = offset(x, from);
        int target = offset(x, to);
        for (int i = 0; i < width * bits / Byte.SIZE; i++) {
            adapter.writeMemory(target + i, adapter.readMemory(source + i));
        }
    }

    private int offset(int x, int y) {
        return WINDOW + (y & 1) * ODD_ROWS + (y >> 1) * ROW_BYTES + x * bits / Byte.SIZE;
    }

    private int shift(int x) {
        int pixelsOfAByte = Byte.SIZE / bits;
        return (pixelsOfAByte - 1 - x % pixelsOfAByte) * bits;
    }
}
