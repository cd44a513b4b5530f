package jkvm.bios.video;

/** The character cells of a mode. Pages are 0 to 7, columns and rows below those of {@link VideoData}. */
abstract class Cells {
    /** As {@code attribute}: keep that of the cell. */
    static final int KEEP = -1;

    /** The character in bits 0 to 7, its attribute in bits 8 to 15. */
    abstract int read(int page, int column, int row);

    /**
     * Writes a character.
     *
     * @param attribute of the cell, or in graphics the colour; or {@link #KEEP}
     */
    abstract void write(int page, int column, int row, int character, int attribute);

    /** Copies a part of a row to another row. */
    abstract void copy(int page, Window window, int from, int to);

    /** Sets a part of a row to blanks. */
    abstract void clear(int page, Window window, int row, int attribute);

    /**
     * A part of the page; the last column and row are in it.
     *
     * @param left at most {@code right}
     * @param top  at most {@code bottom}
     */
    record Window(int left, int top, int right, int bottom) {
        int width() {
            return right - left + 1;
        }

        int height() {
            return bottom - top + 1;
        }
    }

    /**
     * Moves rows up.
     *
     * @param lines below zero: down; none or too many: all is cleared
     */
    final void scroll(int page, Window window, int lines, int attribute) {
        int count = lines == 0 || Math.abs(lines) > window.height() ? window.height() : Math.abs(lines);
        int kept = window.height() - count;
        boolean isUp = lines >= 0;
        for (int i = 0; i < kept; i++) {
            int to = isUp ? window.top() + i : window.bottom() - i;
            copy(page, window, isUp ? to + count : to - count, to);
        }
        for (int i = kept; i < window.height(); i++) {
            clear(page, window, isUp ? window.top() + i : window.bottom() - i, attribute);
        }
    }
}
