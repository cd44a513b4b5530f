package jkvm.control.vnc;

import java.util.Arrays;

/** Tiles of a background and rectangles on it; RFC 6143 section 7.7.4. */
final class HextileEncoder implements Encoder {
    private static final int TILE = 16;
    private static final int RAW_BIT = 1;
    private static final int BACKGROUND_BIT = 2;
    private static final int FOREGROUND_BIT = 4;
    private static final int RECTANGLES_BIT = 8;
    private static final int COLOURED_BIT = 16;
    private static final int MAX_RECTANGLES = 255;

    private final RawEncoder raw = new RawEncoder();
    private final Palette palette = new Palette();
    private final boolean[] done = new boolean[TILE * TILE];

    @Override
    public int number() {
        return HEXTILE;
    }

    @Override
    public void encode(Block block, PixelWriter pixels, ByteWriter out) {
        for (int row = 0; row < block.height(); row += TILE) {
            for (int column = 0; column < block.width(); column += TILE) {
                tile(block.part(column, row, TILE, TILE), pixels, out);
            }
        }
    }

    private void tile(Block tile, PixelWriter pixels, ByteWriter out) {
        boolean isKnown = palette.read(tile, TILE * TILE);
        int background = background(tile);
        int start = out.size();
        if (isKnown && palette.size() == 1) {
            out.u8(BACKGROUND_BIT);
            pixels.write(out, background);
            return;
        }
        boolean isColoured = palette.size() > 2;
        out.u8(BACKGROUND_BIT | RECTANGLES_BIT | (isColoured ? COLOURED_BIT : FOREGROUND_BIT));
        pixels.write(out, background);
        if (!isColoured) {
            pixels.write(out, palette.colour(palette.colour(0) == background ? 1 : 0));
        }
        int limit = tile.width() * tile.height() * pixels.bytes();
        if (!rectangles(tile, background, isColoured ? pixels : null, out, start + limit)) {
            out.truncate(start);
            out.u8(RAW_BIT);
            raw.encode(tile, pixels, out);
        }
    }

    /** The one of the first four colours that most pixels have. */
    private int background(Block tile) {
        int best = tile.at(0, 0);
        int bestCount = 0;
        for (int i = 0; i < Math.min(palette.size(), 4); i++) {
            int colour = palette.colour(i);
            int count = 0;
            for (int row = 0; row < tile.height(); row++) {
                for (int column = 0; column < tile.width(); column++) {
                    count += tile.at(column, row) == colour ? 1 : 0;
                }
            }
            if (count > bestCount) {
                bestCount = count;
                best = colour;
            }
        }
        return best;
    }

    /**
     * @param coloured null where all have the foreground's colour
     * @return false if that takes more than the limit
     */
    private boolean rectangles(Block tile, int background, PixelWriter coloured, ByteWriter out, int limit) {
        Arrays.fill(done, false);
        int countAt = out.size();
        out.u8(0);
        int count = 0;
        for (int row = 0; row < tile.height(); row++) {
            for (int column = 0; column < tile.width(); column++) {
                int colour = tile.at(column, row);
                if (done[row * TILE + column] || colour == background) {
                    continue;
                }
                int width = width(tile, column, row, colour);
                int height = height(tile, column, row, width, colour);
                if (coloured != null) {
                    coloured.write(out, colour);
                }
                out.u8(column << 4 | row);
                out.u8(width - 1 << 4 | height - 1);
                if (++count > MAX_RECTANGLES || out.size() > limit) {
                    return false;
                }
            }
        }
        out.set(countAt, count);
        return true;
    }

    private static int width(Block tile, int column, int row, int colour) {
        int end = column + 1;
        while (end < tile.width() && tile.at(end, row) == colour) {
            end++;
        }
        return end - column;
    }

    /** As far down as all pixels have the colour; notes them as done. */
    private int height(Block tile, int column, int row, int width, int colour) {
        int height = 0;
        while (row + height < tile.height() && isAll(tile, column, row + height, width, colour)) {
            int from = (row + height) * TILE + column;
            Arrays.fill(done, from, from + width, true);
            height++;
        }
        return height;
    }

    private static boolean isAll(Block tile, int column, int row, int width, int colour) {
        for (int i = 0; i < width; i++) {
            if (tile.at(column + i, row) != colour) {
                return false;
            }
        }
        return true;
    }
}
