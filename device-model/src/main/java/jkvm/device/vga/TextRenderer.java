package jkvm.device.vga;

import java.util.Arrays;
import jkvm.host.display.Picture;

/** Draws the cells of a text mode that differ from those that it drew last. For one thread at a time. */
final class TextRenderer {
    private static final int CELL_BYTES = 4;
    private static final int GLYPH_BYTES = 32 * 4;
    /** Shapes are in plane 2. */
    private static final int FONT_PLANE = 2;
    private static final int DRAWN_DOTS = 8;
    /** The characters whose ninth column repeats the eighth. */
    private static final int FIRST_LINE_GRAPHIC = 0xC0;
    private static final int LAST_LINE_GRAPHIC = 0xDF;
    private static final int BLINK_BIT = 0x80;
    private static final int FONT_BIT = 0x08;
    private static final int UNDERLINE_MASK = 0x77;
    private static final int UNDERLINED = 0x01;
    private static final int HIDDEN_KEY = 1 << 16;
    private static final int CURSOR_KEY = 1 << 17;
    private static final int CURSOR_FIRST_SHIFT = 18;
    private static final int CURSOR_LAST_SHIFT = 23;
    private static final int UNKNOWN = -1;

    private final Vram vram;
    private int[] drawn = {};
    private Picture picture;
    private ScreenMode mode;
    private int[] colours;
    private boolean redrawn;

    TextRenderer(Vram vram) {
        this.vram = vram;
    }

    /**
     * Draws.
     *
     * @param all          draws cells that are as before, too
     * @param showsBlinking whether what blinks is seen now
     * @return true if something was drawn
     */
    boolean render(Picture into, ScreenMode newMode, int[] newColours, boolean all, boolean showsBlinking) {
        picture = into;
        mode = newMode;
        colours = newColours;
        redrawn = false;
        // A picture that is moved shows a part of one more row and one more column.
        boolean isMoved = mode.pan > 0 || mode.presetRow > 0;
        int columns = mode.columns + (isMoved ? 1 : 0);
        int rows = mode.rows + (isMoved ? 1 : 0);
        if (drawn.length < columns * rows) {
            drawn = new int[columns * rows];
            Arrays.fill(drawn, UNKNOWN);
        } else if (all) {
            Arrays.fill(drawn, UNKNOWN);
        }
        int base = mode.start;
        int top = -mode.presetRow;
        int left = -mode.pan;
        for (int row = 0; row < rows && top < mode.height; row++) {
            drawRow(row * columns, base, columns, left, top, showsBlinking);
            base += mode.lineBytes;
            int next = top + mode.cellHeight;
            if (top < mode.lineCompare && next >= mode.lineCompare) {
                base = 0;
                left = mode.panTopOnly ? 0 : left;
            }
            top = next;
        }
        return redrawn;
    }

    private void drawRow(int first, int base, int columns, int left, int top, boolean showsBlinking) {
        int changedFrom = columns;
        int changedTo = -1;
        for (int column = 0; column < columns; column++) {
            int at = base + column * CELL_BYTES & mode.limit - 1;
            int cell = vram.getShort(at);
            int key = cell;
            if (mode.blinking && (cell >> Byte.SIZE & BLINK_BIT) != 0 && !showsBlinking) {
                key |= HIDDEN_KEY;
            }
            if (at == mode.cursor && showsBlinking) {
                key |= CURSOR_KEY | mode.cursorFirst << CURSOR_FIRST_SHIFT | mode.cursorLast << CURSOR_LAST_SHIFT;
            }
            if (drawn[first + column] != key) {
                drawn[first + column] = key;
                draw(key, left + column * mode.cellWidth, top);
                changedFrom = Math.min(changedFrom, column);
                changedTo = column;
            }
        }
        if (changedTo >= 0) {
            picture.change(left + changedFrom * mode.cellWidth, top, (changedTo - changedFrom + 1) * mode.cellWidth,
                    mode.cellHeight);
            redrawn = true;
        }
    }

    private void draw(int key, int x, int y) {
        int character = key & 0xFF;
        int attribute = key >> Byte.SIZE & 0xFF;
        int back = colours[mode.blinking ? attribute >> 4 & 7 : attribute >> 4];
        int front = colours[attribute & 0xF];
        int glyph = ((attribute & FONT_BIT) != 0 ? mode.font1 : mode.font0) + character * GLYPH_BYTES + FONT_PLANE;
        boolean repeatsLast = mode.lineGraphics && character >= FIRST_LINE_GRAPHIC && character <= LAST_LINE_GRAPHIC;
        boolean hasCursor = (key & CURSOR_KEY) != 0;
        for (int row = 0; row < mode.cellHeight; row++) {
            if (y + row < 0 || y + row >= mode.height) {
                continue;
            }
            int dots = vram.getByte(glyph + row * CELL_BYTES & Vram.VGA_SIZE - 1) << 1;
            dots |= repeatsLast ? dots >> 1 & 1 : 0;
            if (row == mode.underline && (attribute & UNDERLINE_MASK) == UNDERLINED) {
                dots = 0x1FF;
            }
            if ((key & HIDDEN_KEY) != 0) {
                dots = 0;
            }
            if (hasCursor && row >= mode.cursorFirst && row <= mode.cursorLast) {
                dots = 0x1FF;
            }
            drawDots(dots, x, (y + row) * mode.width, front, back);
        }
    }

    /** @param dots the first in bit 8, the ninth in bit 0 */
    private void drawDots(int dots, int x, int line, int front, int back) {
        int[] pixels = picture.pixels();
        for (int i = 0; i < mode.cellWidth; i++) {
            int dot = mode.doubled ? i >> 1 : i;
            if (x + i >= 0 && x + i < mode.width) {
                pixels[line + x + i] = (dots >> DRAWN_DOTS - dot & 1) != 0 ? front : back;
            }
        }
    }
}
