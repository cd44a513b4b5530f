package jkvm.control.vnc;

/**
 * Finds out whether a picture has moved up, as text does: compares numbers of its rows with those of the rows that the
 * viewer has. For one thread.
 */
final class ScrollFinder {
    /** Rows of text in the guests' fonts, and those that a fast guest scrolls between two pictures. */
    private static final int[] DISTANCES = {16, 8, 14, 32, 48, 64, 28, 24, 80, 96, 1, 2};
    /** Fewer rows are not worth it. */
    private static final int MIN_ROWS = 64;
    private static final long FACTOR = 0x9e37_79b9_7f4a_7c15L;

    /** Numbers of the rows that the viewer has; zero where none is known. */
    private long[] known = {};

    /** The viewer has nothing of the picture any more. */
    void forget(int height) {
        known = new long[height];
    }

    /** The viewer has this row now. */
    void note(int row, int[] pixels, int stride) {
        known[row] = number(row, pixels, stride);
    }

    /** The number of a row; never zero. Equal rows have equal numbers, and others have others but by rare chance. */
    private static long number(int row, int[] pixels, int stride) {
        long number = 1;
        int from = row * stride;
        for (int i = from; i < from + stride; i++) {
            number = (number ^ pixels[i]) * FACTOR;
            number ^= number >>> 29;
        }
        return number == 0 ? 1 : number;
    }

    /**
     * Rows that the viewer has further down.
     *
     * @param y        the first row
     * @param distance how much further down the viewer has them
     */
    record Move(int y, int height, int distance) {
    }

    /**
     * Finds rows that have moved up.
     *
     * @param pixels of the picture as it is now
     * @return null if there are not enough
     */
    Move find(int[] pixels, int stride) {
        int height = known.length;
        long[] now = new long[height];
        int changed = 0;
        for (int row = 0; row < height; row++) {
            now[row] = number(row, pixels, stride);
            changed += now[row] != known[row] ? 1 : 0;
        }
        if (changed < MIN_ROWS) {
            return null;
        }
        Move best = null;
        for (int distance : DISTANCES) {
            Move move = longest(now, distance);
            if (move != null && (best == null || move.height() > best.height())) {
                best = move;
            }
        }
        return best;
    }

    /** The longest run of rows that moved so far, of which enough differ from their neighbours before. */
    private Move longest(long[] now, int distance) {
        Move best = null;
        int start = 0;
        int different = 0;
        for (int row = 0; row <= now.length - distance; row++) {
            boolean isMoved = row < now.length - distance && now[row] == known[row + distance];
            if (isMoved) {
                different += now[row] != known[row] ? 1 : 0;
                continue;
            }
            if (different >= MIN_ROWS && (best == null || row - start > best.height())) {
                best = new Move(start, row - start, distance);
            }
            start = row + 1;
            different = 0;
        }
        return best;
    }
}
