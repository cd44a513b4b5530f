package jkvm.host.disk.qcow2;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/**
 * Compresses clusters (raw deflate). One thread at a time; {@link #close} frees native memory.
 *
 * <p>A match may lie 32 KiB back: Java's Deflater has no other window. QEMU's reader asks zlib for a window of 4 KiB,
 * but inflates each cluster at once into one buffer, where zlib reaches back as far as the buffer goes.
 */
final class Compressor implements AutoCloseable {
    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);

    /**
     * Compresses a cluster.
     *
     * @param to what it has to fit into
     * @return how many bytes it takes; zero if it does not fit
     */
    int compress(MemorySegment cluster, MemorySegment to) {
        deflater.reset();
        deflater.setInput(cluster.asByteBuffer());
        deflater.finish();
        ByteBuffer packed = to.asByteBuffer();
        while (!deflater.finished() && packed.hasRemaining()) {
            deflater.deflate(packed);
        }
        return deflater.finished() ? packed.position() : 0;
    }

    @Override
    public void close() {
        deflater.end();
    }
}
