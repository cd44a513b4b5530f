package jkvm.control.vnc;

/** An encoding of rectangles. One viewer's, with the state of its compressed streams; for one thread. */
interface Encoder extends AutoCloseable {
    int RAW = 0;
    int HEXTILE = 5;
    int ZLIB = 6;
    int TIGHT = 7;
    int ZRLE = 16;

    /** Its number in the protocol. */
    int number();

    /** Larger rectangles are sent as several: so many pixels. */
    default int maxPixels() {
        return 1 << 16;
    }

    /** Writes the content of a rectangle, without its head. */
    void encode(Block block, PixelWriter pixels, ByteWriter out);

    /** The viewer wants another compression: 0 for the fastest, 9 for the smallest. */
    default void level(int level) {
        // Most compress nothing.
    }

    @Override
    default void close() {
        // Most hold nothing.
    }
}
