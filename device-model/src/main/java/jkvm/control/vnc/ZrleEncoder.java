package jkvm.control.vnc;

/** Tiles with palettes and runs in one compressed stream; RFC 6143 section 7.7.6. */
final class ZrleEncoder implements Encoder {
    private static final int TILE = 64;
    private static final int PLAIN_RLE = 128;
    private static final int MAX_PACKED = 16;
    private static final int MAX_PALETTE = 127;
    private static final int RUN_BIT = 0x80;
    private static final int RUN_BYTE_MAX = 255;

    private final ZlibStream stream = new ZlibStream();
    private final Palette palette = new Palette();
    private final ByteWriter plain = new ByteWriter();

    @Override
    public int number() {
        return ZRLE;
    }

    @Override
    public void encode(Block block, PixelWriter pixels, ByteWriter out) {
        plain.clear();
        for (int row = 0; row < block.height(); row += TILE) {
            for (int column = 0; column < block.width(); column += TILE) {
                tile(block.part(column, row, TILE, TILE), pixels);
            }
        }
        int start = out.size();
        out.u32(0);
        stream.compress(plain, out);
        out.set32(start, out.size() - start - Integer.BYTES);
    }

    /** Writes the tile as palette or runs, whichever is shorter, or else pixel after pixel. */
    private void tile(Block tile, PixelWriter pixels) {
        boolean hasPalette = palette.read(tile, MAX_PALETTE);
        if (hasPalette && palette.size() == 1) {
            plain.u8(1);
            pixels.compact(plain, palette.colour(0));
            return;
        }
        int start = plain.size();
        int rawSize = tile.width() * tile.height() * pixels.compactBytes();
        boolean isPacked = hasPalette && palette.size() <= MAX_PACKED;
        int packedSize = isPacked ? palette.size() * pixels.compactBytes()
                + (tile.width() * bitsPerIndex() + 7) / 8 * tile.height() : Integer.MAX_VALUE;
        runs(tile, pixels, hasPalette);
        if (plain.size() - start - 1 > Math.min(rawSize, packedSize)) {
            plain.truncate(start);
            if (packedSize < rawSize) {
                packed(tile, pixels);
            } else {
                raw(tile, pixels);
            }
        }
    }

    private int bitsPerIndex() {
        return palette.size() <= 2 ? 1 : palette.size() <= 4 ? 2 : 4;
    }

    private void raw(Block tile, PixelWriter pixels) {
        plain.u8(0);
        for (int row = 0; row < tile.height(); row++) {
            for (int column = 0; column < tile.width(); column++) {
                pixels.compact(plain, tile.at(column, row));
            }
        }
    }

    private void writePalette(PixelWriter pixels) {
        for (int i = 0; i < palette.size(); i++) {
            pixels.compact(plain, palette.colour(i));
        }
    }

    private void packed(Block tile, PixelWriter pixels) {
        plain.u8(palette.size());
        writePalette(pixels);
        int bits = bitsPerIndex();
        for (int row = 0; row < tile.height(); row++) {
            int value = 0;
            int free = Byte.SIZE;
            for (int column = 0; column < tile.width(); column++) {
                free -= bits;
                value |= palette.index(tile.at(column, row)) << free;
                if (free == 0) {
                    plain.u8(value);
                    value = 0;
                    free = Byte.SIZE;
                }
            }
            if (free < Byte.SIZE) {
                plain.u8(value);
            }
        }
    }

    private void runs(Block tile, PixelWriter pixels, boolean hasPalette) {
        plain.u8(hasPalette ? PLAIN_RLE + palette.size() : PLAIN_RLE);
        if (hasPalette) {
            writePalette(pixels);
        }
        int count = tile.width() * tile.height();
        for (int i = 0; i < count;) {
            int colour = tile.at(i % tile.width(), i / tile.width());
            int end = i + 1;
            while (end < count && tile.at(end % tile.width(), end / tile.width()) == colour) {
                end++;
            }
            run(pixels, colour, end - i, hasPalette);
            i = end;
        }
    }

    private void run(PixelWriter pixels, int colour, int length, boolean hasPalette) {
        if (hasPalette) {
            plain.u8(palette.index(colour) | (length > 1 ? RUN_BIT : 0));
            if (length == 1) {
                return;
            }
        } else {
            pixels.compact(plain, colour);
        }
        int left = length - 1;
        while (left >= RUN_BYTE_MAX) {
            plain.u8(RUN_BYTE_MAX);
            left -= RUN_BYTE_MAX;
        }
        plain.u8(left);
    }

    @Override
    public void level(int level) {
        stream.level(level);
    }

    @Override
    public void close() {
        stream.close();
    }
}
