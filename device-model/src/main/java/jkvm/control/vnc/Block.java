package jkvm.control.vnc;

/**
 * A part of a viewer's copy of the picture.
 *
 * @param pixels of the whole copy, 0x00RRGGBB
 * @param stride pixels from row to row
 */
record Block(int[] pixels, int stride, int x, int y, int width, int height) {

    /** A pixel of the part. */
    int at(int column, int row) {
        return pixels[(y + row) * stride + x + column];
    }

    /** A part of the part. */
    Block part(int column, int row, int columns, int rows) {
        return new Block(pixels, stride, x + column, y + row, Math.min(columns, width - column),
                Math.min(rows, height - row));
    }
}
