package jkvm.control.vnc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jkvm.host.display.Picture;
import jkvm.host.display.Rectangle;

/**
 * A copy of the picture as the viewer has it, so that only what differs is sent. Of the size that the viewer knows;
 * what the guest's picture does not have is black. For one thread.
 */
final class ClientPicture {
    private int width;
    private int height;
    private int[] pixels = {};
    private final ScrollFinder scrolls = new ScrollFinder();

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** The viewer has a picture of this size, whose content is not known. */
    void resize(int newWidth, int newHeight) {
        width = newWidth;
        height = newHeight;
        pixels = new int[newWidth * newHeight];
        scrolls.forget(newHeight);
    }

    /** It is not known any more which rows the viewer has. */
    void forgetRows() {
        scrolls.forget(height);
    }

    /** A part to send. */
    Block block(Rectangle part) {
        return new Block(pixels, width, part.x(), part.y(), part.width(), part.height());
    }

    /**
     * Takes tiles from the guest's picture, which does not change meanwhile.
     *
     * @param tiles  that may have changed; those that have not are taken out
     * @param forced those that stay in even so
     */
    void update(Picture picture, TileSet tiles, TileSet forced) {
        tiles.forEach((column, row) -> {
            if (!copy(picture, column * TileSet.TILE, row * TileSet.TILE) && !forced.has(column, row)) {
                tiles.remove(column, row);
            }
        });
    }

    /** @return true if some pixel has changed */
    private boolean copy(Picture picture, int x, int y) {
        int columns = Math.min(TileSet.TILE, Math.min(width, picture.width()) - x);
        int bottom = Math.min(y + TileSet.TILE, Math.min(height, picture.height()));
        boolean hasChanged = false;
        for (int row = y; row < bottom && columns > 0; row++) {
            int from = row * picture.width() + x;
            int to = row * width + x;
            if (Arrays.mismatch(picture.pixels(), from, from + columns, pixels, to, to + columns) >= 0) {
                System.arraycopy(picture.pixels(), from, pixels, to, columns);
                hasChanged = true;
            }
        }
        return hasChanged;
    }

    /** Finds rows that the viewer has elsewhere already; null if there are none. After {@link #update}. */
    ScrollFinder.Move findMove() {
        return scrolls.find(pixels, width);
    }

    /** The tiles of a move that need not be sent: they are taken out where the move covers all of them. */
    void moved(ScrollFinder.Move move, TileSet tiles) {
        int first = (move.y() + TileSet.TILE - 1) / TileSet.TILE;
        int end = move.y() + move.height() == height ? (height + TileSet.TILE - 1) / TileSet.TILE
                : (move.y() + move.height()) / TileSet.TILE;
        for (int row = first; row < end; row++) {
            for (int column = 0; column * TileSet.TILE < width; column++) {
                tiles.remove(column, row);
            }
        }
        // The rows between whole tiles are sent, whether they have changed or not.
        tiles.add(0, move.y(), width, first * TileSet.TILE - move.y());
        int tail = end * TileSet.TILE;
        tiles.add(0, tail, width, move.y() + move.height() - tail);
    }

    /** The viewer has the rows of these parts now as this picture has them. */
    void sent(List<Rectangle> parts, ScrollFinder.Move move) {
        List<Rectangle> all = new ArrayList<>(parts);
        if (move != null) {
            all.add(new Rectangle(0, move.y(), width, move.height()));
        }
        boolean[] isNoted = new boolean[height];
        for (Rectangle part : all) {
            for (int row = part.y(); row < part.y() + part.height(); row++) {
                if (!isNoted[row]) {
                    isNoted[row] = true;
                    scrolls.note(row, pixels, width);
                }
            }
        }
    }
}
