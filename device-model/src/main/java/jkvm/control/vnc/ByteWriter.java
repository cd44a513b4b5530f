package jkvm.control.vnc;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes of a message, big-endian as the protocol has them. Grows. For one thread. */
final class ByteWriter {
    private static final int FIRST_ROOM = 4096;

    private byte[] bytes = new byte[FIRST_ROOM];
    private int size;

    int size() {
        return size;
    }

    /** The bytes themselves, {@link #size()} of them. */
    byte[] array() {
        return bytes;
    }

    void clear() {
        size = 0;
    }

    /** Takes back all from a place on. */
    void truncate(int newSize) {
        size = newSize;
    }

    private void room(int count) {
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + count));
        }
    }

    void u8(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    void u16(int value) {
        room(2);
        bytes[size++] = (byte) (value >> 8);
        bytes[size++] = (byte) value;
    }

    void u32(int value) {
        u16(value >>> 16);
        u16(value);
    }

    void bytes(byte[] from, int offset, int length) {
        room(length);
        System.arraycopy(from, offset, bytes, size, length);
        size += length;
    }

    /** A length and a text. */
    void text(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        u32(encoded.length);
        bytes(encoded, 0, encoded.length);
    }

    /** Changes a byte that is there. */
    void set(int place, int value) {
        bytes[place] = (byte) value;
    }

    /** Changes four bytes that are there. */
    void set32(int place, int value) {
        for (int i = 0; i < 4; i++) {
            bytes[place + i] = (byte) (value >>> 24 - 8 * i);
        }
    }
}
