package jkvm.host.display;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DisplayHubTest {
    private static final int SECONDS = 10;

    private final OnePixel screen = new OnePixel();
    private final DisplayHub hub = new DisplayHub("vga", screen);

    /** Shows one colour. */
    private static final class OnePixel implements Screen {
        final AtomicInteger renders = new AtomicInteger();
        volatile int colour = 1;
        volatile int width = 8;

        @Override
        public boolean render(Picture into) {
            renders.incrementAndGet();
            into.resize(width, 8);
            if (into.pixels()[0] != colour) {
                into.pixels()[0] = colour;
                into.change(0, 0, 1, 1);
            }
            return into.changeCount() > 0;
        }

        @Override
        public Optional<TextScreen> text() {
            return Optional.empty();
        }
    }

    /** Notes each call as a word. */
    private static final class Notes implements Viewer {
        final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

        @Override
        public void resized(int width, int height) {
            calls.add("size " + width + "x" + height);
        }

        @Override
        public void changed(Rectangle part) {
            calls.add("changed " + part.x() + "," + part.y() + " " + part.width() + "x" + part.height());
        }

        String next() throws InterruptedException {
            return calls.poll(SECONDS, TimeUnit.SECONDS);
        }
    }

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void shouldTellTheSizeFirstAndThenChanges() throws InterruptedException {
        Notes viewer = new Notes();
        hub.attach(viewer);
        assertEquals("size 8x8", viewer.next());
        screen.colour = 2;
        assertEquals("changed 0,0 1x1", viewer.next());
        assertEquals(Integer.valueOf(2), hub.look(picture -> picture.pixels()[0]));
        screen.width = 16;
        assertEquals("size 16x8", viewer.next());
    }

    @Test
    void shouldRenderNothingWithoutAViewer() throws InterruptedException {
        Notes viewer = new Notes();
        hub.attach(viewer);
        viewer.next();
        hub.detach(viewer);
        TimeUnit.MILLISECONDS.sleep(50);
        int before = screen.renders.get();
        TimeUnit.MILLISECONDS.sleep(100);
        assertEquals(before, screen.renders.get());
        hub.attach(viewer);
        assertEquals("size 8x8", viewer.next());
    }

    @Test
    void shouldGiveSnapshotsWithoutAViewerAndKeepChangesForTheOthers() throws InterruptedException {
        assertEquals(1, hub.snapshot().pixels()[0]);
        Notes viewer = new Notes();
        hub.attach(viewer);
        assertEquals("size 8x8", viewer.next());
        screen.colour = 3;
        Picture picture = hub.snapshot();
        assertEquals(3, picture.pixels()[0]);
        assertEquals("changed 0,0 1x1", viewer.next());
        screen.colour = 4;
        assertEquals(3, picture.pixels()[0]);
    }

    @Test
    void shouldLetAViewerCopyWhileItIsTold() throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        Object lock = new Object();
        hub.attach(new Viewer() {
            @Override
            public void resized(int width, int height) {
            }

            @Override
            public void changed(Rectangle part) {
                synchronized (lock) {
                    told.countDown();
                }
            }
        });
        synchronized (lock) {
            screen.colour = 5;
            TimeUnit.MILLISECONDS.sleep(60);
            assertEquals(Integer.valueOf(8), hub.look(Picture::width));
        }
        assertTrue(told.await(SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void shouldRenderNoMoreThanThirtyTimesASecond() throws InterruptedException {
        hub.attach(new Notes());
        int before = screen.renders.get();
        TimeUnit.MILLISECONDS.sleep(300);
        assertFalse(screen.renders.get() - before > 12, "renders: " + (screen.renders.get() - before));
    }
}
