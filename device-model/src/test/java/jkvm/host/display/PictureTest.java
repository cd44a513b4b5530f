package jkvm.host.display;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PictureTest {
    private static final long SEED = 20261130;

    private final Picture picture = new Picture();

    @Test
    void shouldBeChangedAsAWholeAndBlackAfterAResize() {
        picture.resize(4, 2);
        picture.pixels()[0] = 0xFFFFFF;
        picture.resize(2, 2);
        assertTrue(picture.isResized());
        assertEquals(1, picture.changeCount());
        assertEquals(new Rectangle(0, 0, 2, 2), picture.changed(0));
        assertEquals(0, picture.pixels()[0]);
    }

    @Test
    void shouldJoinChangesThatMakeARectangle() {
        sized(100, 100);
        picture.change(0, 0, 8, 16);
        picture.change(8, 0, 8, 16);
        picture.change(0, 16, 16, 16);
        picture.change(4, 4, 2, 2);
        assertEquals(1, picture.changeCount());
        assertEquals(new Rectangle(0, 0, 16, 32), picture.changed(0));
    }

    @Test
    void shouldKeepDistantChangesApartAndCutThemAtTheEdges() {
        sized(100, 100);
        picture.change(-5, -5, 10, 10);
        picture.change(95, 95, 10, 10);
        picture.change(200, 0, 10, 10);
        assertEquals(2, picture.changeCount());
        assertEquals(new Rectangle(0, 0, 5, 5), picture.changed(0));
        assertEquals(new Rectangle(95, 95, 5, 5), picture.changed(1));
    }

    @Test
    void shouldCoverEachOfManyChanges() {
        sized(300, 200);
        Random random = new Random(SEED);
        boolean[] changed = new boolean[300 * 200];
        for (int i = 0; i < 200; i++) {
            Rectangle part = new Rectangle(random.nextInt(300), random.nextInt(200), 1 + random.nextInt(9), 1);
            picture.change(part.x(), part.y(), part.width(), part.height());
            for (int x = part.x(); x < Math.min(300, part.x() + part.width()); x++) {
                changed[part.y() * 300 + x] = true;
            }
        }
        for (int i = 0; i < picture.changeCount(); i++) {
            Rectangle part = picture.changed(i);
            for (int y = part.y(); y < part.y() + part.height(); y++) {
                for (int x = part.x(); x < part.x() + part.width(); x++) {
                    changed[y * 300 + x] = false;
                }
            }
        }
        for (boolean left : changed) {
            assertFalse(left, "seed " + SEED);
        }
    }

    @Test
    void shouldCopyAsMuchOfAPartAsThereIs() {
        sized(3, 2);
        for (int i = 0; i < 6; i++) {
            picture.pixels()[i] = i + 1;
        }
        int[] target = new int[8];
        picture.copyTo(new Rectangle(1, 1, 4, 4), target, 4);
        assertArrayEquals(new int[] {5, 6, 0, 0, 0, 0, 0, 0}, target);
    }

    private void sized(int width, int height) {
        picture.resize(width, height);
        picture.clearChanges();
    }
}
