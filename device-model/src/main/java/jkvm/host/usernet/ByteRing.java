package jkvm.host.usernet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A bounded queue of bytes whose memory is made when the first byte comes. */
final class ByteRing {
    private final int capacity;
    private ByteBuffer bytes;
    private int head;
    private int size;

    ByteRing(int capacity) {
        this.capacity = capacity;
    }

    int size() {
        return size;
    }

    int free() {
        return capacity - size;
    }

    private ByteBuffer bytes() {
        if (bytes == null) {
            bytes = ByteBuffer.allocate(capacity);
        }
        return bytes;
    }

    private int tail() {
        int at = head + size;
        return at >= capacity ? at - capacity : at;
    }

    /** Appends; the caller has asked {@link #free()}. */
    void put(ByteBuffer from, int offset, int length) {
        int at = tail();
        int first = Math.min(length, capacity - at);
        bytes().put(at, from, offset, first).put(0, from, offset + first, length - first);
        size += length;
    }

    /** Copies bytes from {@code skip} after the oldest on; they stay. */
    void peek(int skip, ByteBuffer to, int offset, int length) {
        int at = head + skip;
        at = at >= capacity ? at - capacity : at;
        int first = Math.min(length, capacity - at);
        to.put(offset, bytes(), at, first).put(offset + first, bytes(), 0, length - first);
    }

    /** Forgets the oldest bytes. */
    void skip(int length) {
        head += length;
        head = head >= capacity ? head - capacity : head;
        size -= length;
    }

    /**
     * Fills free space without wrapping.
     *
     * @return as the channel's read
     */
    int readFrom(ReadableByteChannel channel) throws IOException {
        int at = tail();
        bytes().limit(Math.min(capacity, at + free())).position(at);
        int count = channel.read(bytes);
        bytes.clear();
        size += Math.max(count, 0);
        return count;
    }

    /** Writes the oldest bytes, as many as the channel takes. */
    void writeTo(WritableByteChannel channel) throws IOException {
        while (size > 0) {
            bytes.limit(Math.min(capacity, head + size)).position(head);
            int wanted = bytes.remaining();
            int count = channel.write(bytes);
            bytes.clear();
            skip(count);
            if (count < wanted) {
                return;
            }
        }
    }
}
