package jkvm.control.migrate;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * What the two sides say to one another once the stream has ended: four bytes that no stream has there, the kind, the
 * length of a text and the text.
 *
 * @param text the reason of a {@link Kind#FAILED}, else empty
 */
record SwitchMessage(Kind kind, String text) {
    private static final int MAGIC = 0x6A6B_6D67;
    private static final int HEADER_SIZE = 7;
    private static final int MAX_TEXT = 4096;

    /** Told at {@code jkvm.control.migrate}. */
    enum Kind {
        READY,
        GO,
        RUNNING,
        FAILED,
        /** After the switch to post-copy: the text is the address of a page that the target waits for. */
        PAGE,
        /** After the switch to post-copy: the target has all of RAM. */
        RECEIVED
    }

    static SwitchMessage of(Kind kind) {
        return new SwitchMessage(kind, "");
    }

    void write(WritableByteChannel to) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, MAX_TEXT);
        ByteBuffer message = ByteBuffer.allocate(HEADER_SIZE + length).putInt(MAGIC).put((byte) kind.ordinal())
                .putShort((short) length).put(bytes, 0, length).flip();
        while (message.hasRemaining()) {
            to.write(message);
        }
    }

    /**
     * Waits for a message.
     *
     * @throws IOException if the other side is gone or says something else
     */
    static SwitchMessage read(ReadableByteChannel from) throws IOException {
        ByteBuffer header = fill(from, HEADER_SIZE);
        int magic = header.getInt();
        int kind = header.get();
        int length = header.getShort();
        if (magic != MAGIC || kind < 0 || kind >= Kind.values().length || length < 0 || length > MAX_TEXT) {
            throw new IOException("the other side answers something that is no answer");
        }
        return new SwitchMessage(Kind.values()[kind],
                new String(fill(from, length).array(), StandardCharsets.UTF_8));
    }

    private static ByteBuffer fill(ReadableByteChannel from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (from.read(buffer) < 0) {
                throw new EOFException("the other side has closed the connection");
            }
        }
        return buffer.flip();
    }
}
