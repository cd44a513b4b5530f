package jkvm.host.display;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Pixels of 0x00RRGGBB, row by row from the upper left corner, and the parts that have changed. Its pictures and
 * changes are guarded by the lock of its owner; {@link DisplayHub#look} holds it.
 */
public final class Picture {
    /** More changes than these are joined. */
    private static final int MAX_CHANGES = 32;

    private int width;
    private int height;
    private int[] pixels = {};
    private boolean resized;
    /** Left, upper, right and lower edge of each change; the last two are outside. */
    private final int[] changes = new int[MAX_CHANGES * 4];
    private int count;

    /** A picture without pixels. */
    public Picture() {
        // All is set by resize().
    }

    /** In pixels; zero before the first picture. */
    public int width() {
        return width;
    }

    /** In pixels. */
    public int height() {
        return height;
    }

    /** The pixels themselves: {@code y * width() + x}. The array changes with the size, and may be longer. */
    public int[] pixels() {
        return pixels;
    }

    /** Gives the picture a size; another size than before makes it black, and all of it is changed. */
    public void resize(int newWidth, int newHeight) {
        if (newWidth == width && newHeight == height) {
            return;
        }
        if (pixels.length < newWidth * newHeight) {
            pixels = new int[newWidth * newHeight];
        } else {
            Arrays.fill(pixels, 0);
        }
        width = newWidth;
        height = newHeight;
        resized = true;
        count = 0;
        change(0, 0, newWidth, newHeight);
    }

    /** Marks a part as changed; what is outside of the picture is ignored. */
    public void change(int x, int y, int changedWidth, int changedHeight) {
        int left = Math.max(x, 0);
        int top = Math.max(y, 0);
        int right = Math.min(x + changedWidth, width);
        int bottom = Math.min(y + changedHeight, height);
        if (left >= right || top >= bottom) {
            return;
        }
        for (int i = 0; i < count; i++) {
            if (joinsExactly(i, left, top, right, bottom)) {
                grow(i, left, top, right, bottom);
                return;
            }
        }
        if (count == MAX_CHANGES) {
            grow(cheapest(left, top, right, bottom), left, top, right, bottom);
            return;
        }
        set(count++, left, top, right, bottom);
    }

    /** True if one covers the other, or both make a rectangle. */
    private boolean joinsExactly(int index, int left, int top, int right, int bottom) {
        int at = index * 4;
        boolean sameColumns = changes[at] == left && changes[at + 2] == right;
        boolean sameRows = changes[at + 1] == top && changes[at + 3] == bottom;
        boolean touches = left <= changes[at + 2] && right >= changes[at]
                && top <= changes[at + 3] && bottom >= changes[at + 1];
        boolean isInside = changes[at] <= left && changes[at + 1] <= top && changes[at + 2] >= right
                && changes[at + 3] >= bottom;
        boolean isAround = left <= changes[at] && top <= changes[at + 1] && right >= changes[at + 2]
                && bottom >= changes[at + 3];
        return isInside || isAround || touches && (sameColumns || sameRows);
    }

    /** The change that gains the fewest pixels. */
    private int cheapest(int left, int top, int right, int bottom) {
        int best = 0;
        long bestCost = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            int at = i * 4;
            long joined = (long) (Math.max(right, changes[at + 2]) - Math.min(left, changes[at]))
                    * (Math.max(bottom, changes[at + 3]) - Math.min(top, changes[at + 1]));
            long alone = (long) (changes[at + 2] - changes[at]) * (changes[at + 3] - changes[at + 1]);
            if (joined - alone < bestCost) {
                bestCost = joined - alone;
                best = i;
            }
        }
        return best;
    }

    private void grow(int index, int left, int top, int right, int bottom) {
        int at = index * 4;
        set(index, Math.min(left, changes[at]), Math.min(top, changes[at + 1]), Math.max(right, changes[at + 2]),
                Math.max(bottom, changes[at + 3]));
    }

    private void set(int index, int left, int top, int right, int bottom) {
        int at = index * 4;
        changes[at] = left;
        changes[at + 1] = top;
        changes[at + 2] = right;
        changes[at + 3] = bottom;
    }

    /** True if the size has changed since {@link #clearChanges}. */
    public boolean isResized() {
        return resized;
    }

    /** The number of changed parts; they may overlap. */
    public int changeCount() {
        return count;
    }

    /** A changed part. */
    public Rectangle changed(int index) {
        int at = index * 4;
        return new Rectangle(changes[at], changes[at + 1], changes[at + 2] - changes[at],
                changes[at + 3] - changes[at + 1]);
    }

    /** Forgets the changes. */
    public void clearChanges() {
        resized = false;
        count = 0;
    }

    /**
     * Copies a part, as much of it as the picture has, row after row.
     *
     * @param target gets the pixel at the part's upper left corner first
     * @param stride pixels from row to row in {@code target}
     */
    public void copyTo(Rectangle part, int[] target, int stride) {
        int rowPixels = Math.min(part.width(), width - part.x());
        int rows = Math.min(part.height(), height - part.y());
        if (part.x() < 0 || part.y() < 0 || rowPixels <= 0) {
            return;
        }
        for (int row = 0; row < rows; row++) {
            System.arraycopy(pixels, (part.y() + row) * width + part.x(), target, row * stride, rowPixels);
        }
    }

    /**
     * Writes the picture as a file.
     *
     * @param out is buffered, and stays open
     */
    public void write(PictureFormat format, OutputStream out) throws IOException {
        format.write(this, out);
    }

    /** A picture of its own with the same pixels, and no changes. */
    public Picture copy() {
        Picture copy = new Picture();
        copy.width = width;
        copy.height = height;
        copy.pixels = Arrays.copyOf(pixels, width * height);
        return copy;
    }
}
