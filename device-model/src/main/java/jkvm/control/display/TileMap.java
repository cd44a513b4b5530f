package jkvm.control.display;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jkvm.host.display.Rectangle;

/**
 * The parts of a picture that a viewer has not got yet, in tiles: of a fixed size, however much changes and however
 * slowly the viewer takes it. Not for several threads at once.
 */
final class TileMap {
    private static final int TILE = 64;

    private int width;
    private int height;
    private int columns;
    private boolean[] dirty = {};
    private boolean isEmpty = true;

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    boolean isEmpty() {
        return isEmpty;
    }

    /** Another picture, none of which the viewer has. */
    void resize(int newWidth, int newHeight) {
        width = newWidth;
        height = newHeight;
        columns = (newWidth + TILE - 1) / TILE;
        dirty = new boolean[columns * ((newHeight + TILE - 1) / TILE)];
        mark(new Rectangle(0, 0, newWidth, newHeight));
    }

    void mark(Rectangle part) {
        int right = Math.min(part.x() + part.width(), width);
        int bottom = Math.min(part.y() + part.height(), height);
        for (int y = Math.max(0, part.y()) / TILE; y * TILE < bottom; y++) {
            for (int x = Math.max(0, part.x()) / TILE; x * TILE < right; x++) {
                dirty[y * columns + x] = true;
                isEmpty = false;
            }
        }
    }

    /** The parts, those beside each other as one; the viewer has them from now on. */
    List<Rectangle> take() {
        List<Rectangle> parts = new ArrayList<>();
        for (int row = 0; row * TILE < height; row++) {
            int start = -1;
            for (int column = 0; column <= columns; column++) {
                boolean isDirty = column < columns && dirty[row * columns + column];
                if (isDirty && start < 0) {
                    start = column;
                } else if (!isDirty && start >= 0) {
                    parts.add(part(start, column, row));
                    start = -1;
                }
            }
        }
        Arrays.fill(dirty, false);
        isEmpty = true;
        return parts;
    }

    private Rectangle part(int start, int end, int row) {
        int x = start * TILE;
        int y = row * TILE;
        return new Rectangle(x, y, Math.min(end * TILE, width) - x, Math.min(y + TILE, height) - y);
    }
}
