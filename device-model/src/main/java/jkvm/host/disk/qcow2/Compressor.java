package jkvm.host.disk.qcow2;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import jkvm.linux.Zstd;

/**
 * Compresses clusters. One thread at a time; {@link #close} frees native memory.
 *
 * <p>In raw deflate a match may lie 32 KiB back: Java's Deflater has no other window. QEMU's reader asks zlib for a
 * window of 4 KiB, but inflates each cluster at once into one buffer, where zlib reaches back as far as the buffer
 * goes.
 */
final class Compressor implements AutoCloseable {
    /** One of the two. */
    private final Zstd zstd;
    private final Deflater deflater;

    /** @throws java.util.NoSuchElementException if the host has no library for the type */
    Compressor(CompressionType type) {
        boolean host = type == CompressionType.ZSTD;
        this.zstd = host ? Zstd.ofHost().orElseThrow() : null;
        this.deflater = host ? null : new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    }

    /**
     * Compresses a cluster.
     *
     * @param cluster native memory
     * @param to      native memory that it has to fit into
     * @return how many bytes it takes; zero if it does not fit
     */
    int compress(MemorySegment cluster, MemorySegment to) {
        if (zstd != null) {
            return (int) zstd.compress(cluster, to);
        }
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
        if (deflater != null) {
            deflater.end();
        }
    }
}
