package jkvm.control.vnc;

import java.util.zip.Deflater;

/** A compressed stream that a viewer's rectangles share: each one ends at a byte's end. For one thread. */
final class ZlibStream implements AutoCloseable {
    private static final int CHUNK = 16 * 1024;
    private static final int DEFAULT_LEVEL = 3;

    private final Deflater deflater = new Deflater(DEFAULT_LEVEL);
    private final byte[] chunk = new byte[CHUNK];
    private int level = DEFAULT_LEVEL;
    private boolean isLevelNew;

    /** From the next rectangle on. */
    void level(int newLevel) {
        int nearest = Math.clamp(newLevel, 1, Deflater.BEST_COMPRESSION);
        if (nearest != level) {
            level = nearest;
            isLevelNew = true;
            deflater.setLevel(nearest);
        }
    }

    /** Compresses all that a writer has, to the end of another. */
    void compress(ByteWriter from, ByteWriter to) {
        deflater.setInput(from.array(), 0, from.size());
        if (isLevelNew) {
            // The first call changes the level only, and may write nothing.
            isLevelNew = false;
            write(to);
        }
        while (write(to) > 0) {
            // Until all is flushed.
        }
    }

    private int write(ByteWriter to) {
        int count = deflater.deflate(chunk, 0, CHUNK, Deflater.SYNC_FLUSH);
        to.bytes(chunk, 0, count);
        return count;
    }

    @Override
    public void close() {
        deflater.end();
    }
}
