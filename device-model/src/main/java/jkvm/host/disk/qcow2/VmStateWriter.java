package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import jkvm.linux.Fd;

/** Writes a machine's state after the end of a disk, in large pieces. One thread. */
final class VmStateWriter implements WritableByteChannel {
    private static final int PIECE = 2 << 20;

    private final Qcow2Writer writer;
    private final long start;
    private final long limit;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment piece;
    private final ByteBuffer buffer;
    /** Bytes that are in the file. */
    private long written;

    /** @param limit more bytes than this are refused */
    VmStateWriter(Qcow2Writer writer, VmStateArea area, long limit) {
        this.writer = writer;
        this.start = area.start();
        this.limit = limit;
        // A multiple of any cluster's size.
        piece = arena.allocate(PIECE, Fd.DIRECT_ALIGNMENT);
        buffer = piece.asByteBuffer();
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int size = source.remaining();
        if (written + buffer.position() + size > limit) {
            throw new IOException("the machine's state has more than " + limit + " bytes");
        }
        while (source.hasRemaining()) {
            int count = Math.min(source.remaining(), buffer.remaining());
            buffer.put(source.slice(source.position(), count));
            source.position(source.position() + count);
            if (!buffer.hasRemaining()) {
                writePiece(PIECE);
            }
        }
        return size;
    }

    private void writePiece(long size) throws IOException {
        for (long done = 0; done < size; ) {
            done += writer.writeAllocating(start + written + done, piece.asSlice(done, size - done));
        }
        written += size;
        buffer.clear();
    }

    /** Writes the rest. @return the state's size in bytes */
    long finish() throws IOException {
        if (buffer.position() > 0) {
            writePiece(buffer.position());
        }
        return written;
    }

    @Override
    public boolean isOpen() {
        return arena.scope().isAlive();
    }

    @Override
    public void close() {
        if (isOpen()) {
            arena.close();
        }
    }
}
