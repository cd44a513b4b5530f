package jkvm.bios.video;

/**
 * The pixels of a graphics mode. Coordinates outside of the mode's width and height are not allowed. A page is its
 * number in planar modes, else 0.
 */
interface PixelFormat {

    int pixel(int page, int x, int y);

    /**
     * Sets a pixel.
     *
     * @param combine true to combine the colour with the pixel's by exclusive or
     */
    void setPixel(int page, int x, int y, int colour, boolean combine);

    /**
     * Sets eight pixels of one row.
     *
     * @param x          a multiple of 8
     * @param bits       the leftmost pixel in bit 7; a set bit has the colour, others the background
     * @param combine    true to combine the colour with that of pixels whose bit is set, and leave the others
     */
    void setEight(int page, int x, int y, int bits, int colour, int background, boolean combine);

    /** Copies a part of a row to another one. {@code x} and {@code width} are multiples of 8. */
    void copyRow(int page, int x, int width, int from, int to);

    /** Sets a part of a row to a colour. {@code x} and {@code width} are multiples of 8. */
    default void fillRow(int page, int x, int width, int y, int colour) {
        for (int column = x; column < x + width; column += Byte.SIZE) {
            setEight(page, column, y, 0, 0, colour, false);
        }
    }
}
