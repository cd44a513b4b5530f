package jkvm.control.vnc;

/** Pixel after pixel; RFC 6143 section 7.7.1. */
final class RawEncoder implements Encoder {

    @Override
    public int number() {
        return RAW;
    }

    @Override
    public void encode(Block block, PixelWriter pixels, ByteWriter out) {
        for (int row = 0; row < block.height(); row++) {
            for (int column = 0; column < block.width(); column++) {
                pixels.write(out, block.at(column, row));
            }
        }
    }
}
