package jkvm.control.display;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import jkvm.host.display.Picture;
import jkvm.host.display.Rectangle;
import jkvm.host.display.Viewer;
import jkvm.host.input.InputSource;

/**
 * One page that shows the screen. What has changed is kept as marks on tiles until the page asks for it, so that a page
 * that does not ask costs the same memory always.
 */
final class WebViewer implements Viewer, AutoCloseable {
    private static final int OPAQUE = 0xFF;
    private static final int PIXEL_BYTES = 4;

    private final GuestScreen screen;
    private final InputSource input;
    /** Guarded by this, as the next two. */
    private final TileMap tiles = new TileMap();
    private boolean isClosed;
    private long lastAsked = System.nanoTime();

    WebViewer(GuestScreen screen) {
        this.screen = screen;
        input = screen.input().newSource();
    }

    /** Keys and pointer of this page; one thread at a time. */
    InputSource input() {
        return input;
    }

    @Override
    public synchronized void resized(int width, int height) {
        tiles.resize(width, height);
        notifyAll();
    }

    @Override
    public synchronized void changed(Rectangle part) {
        tiles.mark(part);
        notifyAll();
    }

    synchronized long lastAsked() {
        return lastAsked;
    }

    /** Width and height of the picture. */
    synchronized int[] size() {
        return new int[] {tiles.width(), tiles.height()};
    }

    /** Waits until something has changed, or some time has passed. */
    synchronized void await(long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        long left = millis;
        while (tiles.isEmpty() && !isClosed && left > 0) {
            wait(left);
            left = (end - System.nanoTime()) / 1_000_000;
        }
        lastAsked = System.nanoTime();
    }

    /**
     * Writes the parts that the page has not got, compressed as HTTP's "deflate": width, height and number of parts of
     * 16 bits each; of a part left, upper edge, width and height, then its pixels as red, green, blue and 255.
     */
    void write(OutputStream out) throws IOException {
        byte[] parts = screen.display().look(this::takeParts);
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (DeflaterOutputStream compressed = new DeflaterOutputStream(out, deflater, 1 << 15)) {
            compressed.write(parts);
        } finally {
            deflater.end();
        }
    }

    private synchronized byte[] takeParts(Picture picture) {
        try {
            if (picture.width() != tiles.width() || picture.height() != tiles.height()) {
                // The call that tells of the new size is on its way.
                tiles.resize(picture.width(), picture.height());
            }
            List<Rectangle> parts = tiles.take();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream data = new DataOutputStream(bytes);
            data.writeShort(picture.width());
            data.writeShort(picture.height());
            data.writeShort(parts.size());
            for (Rectangle part : parts) {
                data.writeShort(part.x());
                data.writeShort(part.y());
                data.writeShort(part.width());
                data.writeShort(part.height());
                writePixels(picture, part, data);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void writePixels(Picture picture, Rectangle part, DataOutputStream data) throws IOException {
        byte[] row = new byte[part.width() * PIXEL_BYTES];
        for (int y = part.y(); y < part.y() + part.height(); y++) {
            int from = y * picture.width() + part.x();
            for (int x = 0; x < part.width(); x++) {
                int pixel = picture.pixels()[from + x];
                row[x * PIXEL_BYTES] = (byte) (pixel >> 16);
                row[x * PIXEL_BYTES + 1] = (byte) (pixel >> 8);
                row[x * PIXEL_BYTES + 2] = (byte) pixel;
                row[x * PIXEL_BYTES + 3] = (byte) OPAQUE;
            }
            data.write(row);
        }
    }

    @Override
    public void close() {
        screen.display().detach(this);
        synchronized (this) {
            isClosed = true;
            notifyAll();
        }
        input.close();
    }
}
