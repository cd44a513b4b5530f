package jkvm.control.vnc;

import java.util.BitSet;
import java.util.List;
import jkvm.host.display.Rectangle;

/** A set of the tiles of a picture: of bounded size, however many parts change. Not thread-safe. */
final class TileSet {
    static final int TILE = 16;

    private final int width;
    private final int height;
    private final int columns;
    private final BitSet tiles;

    /** No tile of a picture of this size. */
    TileSet(int width, int height) {
        this.width = width;
        this.height = height;
        columns = (width + TILE - 1) / TILE;
        tiles = new BitSet(columns * rows());
    }

    private int rows() {
        return (height + TILE - 1) / TILE;
    }

    boolean isEmpty() {
        return tiles.isEmpty();
    }

    int count() {
        return tiles.cardinality();
    }

    boolean has(int column, int row) {
        return tiles.get(row * columns + column);
    }

    /** Adds the tiles that a rectangle touches. What is outside of the picture is ignored. */
    void add(int x, int y, int rectangleWidth, int rectangleHeight) {
        int left = Math.max(x, 0) / TILE;
        int right = (int) ((Math.min((long) x + rectangleWidth, width) + TILE - 1) / TILE);
        int bottom = (int) ((Math.min((long) y + rectangleHeight, height) + TILE - 1) / TILE);
        for (int row = Math.max(y, 0) / TILE; row < bottom && left < right; row++) {
            tiles.set(row * columns + left, row * columns + right);
        }
    }

    void addAll() {
        tiles.set(0, columns * rows());
    }

    void addAll(TileSet other) {
        tiles.or(other.tiles);
    }

    void remove(int column, int row) {
        tiles.clear(row * columns + column);
    }

    /** Takes the tiles that are in both out of this one. */
    TileSet take(TileSet mask) {
        TileSet taken = new TileSet(width, height);
        taken.tiles.or(tiles);
        taken.tiles.and(mask.tiles);
        tiles.andNot(mask.tiles);
        return taken;
    }

    boolean intersects(TileSet other) {
        return tiles.intersects(other.tiles);
    }

    /**
     * Does something with each tile.
     *
     * @param action gets the tile's place, in tiles
     */
    void forEach(TileAction action) {
        for (int i = tiles.nextSetBit(0); i >= 0; i = tiles.nextSetBit(i + 1)) {
            action.at(i % columns, i / columns);
        }
    }

    /** For {@link #forEach}. */
    interface TileAction {
        void at(int column, int row);
    }

    /**
     * Covers the tiles with rectangles that do not overlap, and empties the set.
     *
     * @param maxPixels of one rectangle, a row of tiles at least
     */
    void takeRectangles(int maxPixels, List<Rectangle> into) {
        for (int first = tiles.nextSetBit(0); first >= 0; first = tiles.nextSetBit(first + 1)) {
            int column = first % columns;
            int row = first / columns;
            int rowEnd = (row + 1) * columns;
            int maxRun = Math.max(1, maxPixels / (TILE * TILE));
            int run = Math.min(Math.min(tiles.nextClearBit(first), rowEnd) - first, maxRun);
            int maxRows = Math.max(1, maxRun / run);
            int rows = 0;
            while (rows < maxRows && row + rows < rows() && isRun((row + rows) * columns + column, run)) {
                int from = (row + rows) * columns + column;
                tiles.clear(from, from + run);
                rows++;
            }
            int x = column * TILE;
            int y = row * TILE;
            into.add(new Rectangle(x, y, Math.min(run * TILE, width - x), Math.min(rows * TILE, height - y)));
        }
    }

    private boolean isRun(int from, int run) {
        int clear = tiles.nextClearBit(from);
        return clear >= from + run;
    }
}
