package jkvm.host.disk.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Whole messages over a connection. One thread reads and one writes at a time; any may close. */
record NbdStream(SocketChannel channel) implements AutoCloseable {
    private static final int SKIP_CHUNK = 1 << 16;

    /** Reads so many bytes; the caller has checked that they are few. */
    ByteBuffer read(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        fill(bytes);
        return bytes.flip();
    }

    void read(MemorySegment memory, long at, long length) throws IOException {
        fill(memory.asSlice(at, length).asByteBuffer());
    }

    private void fill(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the other side has closed the connection");
            }
        }
    }

    void skip(long length) throws IOException {
        for (long left = length; left > 0; left -= Math.min(left, SKIP_CHUNK)) {
            read((int) Math.min(left, SKIP_CHUNK));
        }
    }

    /** Writes all of a header and the data after it. */
    void write(ByteBuffer header, MemorySegment data, long at, long length) throws IOException {
        ByteBuffer[] parts = {header, data.asSlice(at, length).asByteBuffer()};
        while (parts[0].hasRemaining() || parts[1].hasRemaining()) {
            channel.write(parts);
        }
    }

    void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Takes a text of so many bytes out of a message that has been checked to have them. */
    static String text(ByteBuffer message, int length) {
        byte[] bytes = new byte[length];
        message.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
