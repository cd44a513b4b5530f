package jkvm.control.vnc;

/**
 * One colour, a palette, or pixels, compressed in one of three streams; the RFB protocol's community specification,
 * "Tight Encoding". Without JPEG: nothing is lost.
 */
final class TightEncoder implements Encoder {
    private static final int FILL = 0x80;
    private static final int FILTER_BIT = 0x40;
    private static final int STREAM_SHIFT = 4;
    private static final int PALETTE_FILTER = 1;
    private static final int PIXEL_STREAM = 0;
    private static final int TWO_COLOUR_STREAM = 1;
    private static final int PALETTE_STREAM = 2;
    private static final int MAX_PALETTE = 256;
    /** Less is not compressed. */
    private static final int MIN_COMPRESSED = 12;

    private final ZlibStream[] streams = {new ZlibStream(), new ZlibStream(), new ZlibStream()};
    private final Palette palette = new Palette();
    private final ByteWriter plain = new ByteWriter();
    private final ByteWriter packed = new ByteWriter();

    @Override
    public int number() {
        return TIGHT;
    }

    @Override
    public void encode(Block block, PixelWriter pixels, ByteWriter out) {
        plain.clear();
        if (!palette.read(block, maxPalette(block, pixels))) {
            out.u8(PIXEL_STREAM << STREAM_SHIFT);
            for (int row = 0; row < block.height(); row++) {
                for (int column = 0; column < block.width(); column++) {
                    pixels.tight(plain, block.at(column, row));
                }
            }
            send(PIXEL_STREAM, out);
        } else if (palette.size() == 1) {
            out.u8(FILL);
            pixels.tight(out, palette.colour(0));
        } else {
            boolean isTwo = palette.size() == 2;
            int stream = isTwo ? TWO_COLOUR_STREAM : PALETTE_STREAM;
            out.u8(FILTER_BIT | stream << STREAM_SHIFT);
            out.u8(PALETTE_FILTER);
            out.u8(palette.size() - 1);
            for (int i = 0; i < palette.size(); i++) {
                pixels.tight(out, palette.colour(i));
            }
            if (isTwo) {
                bits(block);
            } else {
                indexes(block);
            }
            send(stream, out);
        }
    }

    /** A palette is worth it while small beside the pixels; for pixels of a byte viewers take two colours only. */
    private static int maxPalette(Block block, PixelWriter pixels) {
        return pixels.bytes() == 1 ? 2 : Math.clamp(block.width() * block.height() / 4, 2, MAX_PALETTE);
    }

    private void bits(Block block) {
        for (int row = 0; row < block.height(); row++) {
            int value = 0;
            int free = Byte.SIZE;
            for (int column = 0; column < block.width(); column++) {
                value |= palette.index(block.at(column, row)) << --free;
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

    private void indexes(Block block) {
        for (int row = 0; row < block.height(); row++) {
            for (int column = 0; column < block.width(); column++) {
                plain.u8(palette.index(block.at(column, row)));
            }
        }
    }

    private void send(int stream, ByteWriter out) {
        if (plain.size() < MIN_COMPRESSED) {
            out.bytes(plain.array(), 0, plain.size());
            return;
        }
        packed.clear();
        streams[stream].compress(plain, packed);
        length(packed.size(), out);
        out.bytes(packed.array(), 0, packed.size());
    }

    /** Seven bits a byte, the low ones first; the third byte has eight. */
    private static void length(int length, ByteWriter out) {
        if (length < 1 << 7) {
            out.u8(length);
        } else if (length < 1 << 14) {
            out.u8(length & 0x7f | 0x80);
            out.u8(length >> 7);
        } else {
            out.u8(length & 0x7f | 0x80);
            out.u8(length >> 7 & 0x7f | 0x80);
            out.u8(length >> 14);
        }
    }

    @Override
    public void level(int level) {
        for (ZlibStream stream : streams) {
            stream.level(level);
        }
    }

    @Override
    public void close() {
        for (ZlibStream stream : streams) {
            stream.close();
        }
    }
}
