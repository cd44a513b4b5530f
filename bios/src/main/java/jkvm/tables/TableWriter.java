package jkvm.tables;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes of a table in the making: grows as it is written, values are little-endian. Not thread-safe. */
final class TableWriter {
    private byte[] bytes = new byte[256];
    private int size;

    int size() {
        return size;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    TableWriter u8(int value) {
        makeRoom(1);
        bytes[size++] = (byte) value;
        return this;
    }

    TableWriter u16(int value) {
        return u8(value).u8(value >>> 8);
    }

    TableWriter u32(long value) {
        return u16((int) value).u16((int) (value >>> 16));
    }

    TableWriter u64(long value) {
        return u32(value).u32(value >>> 32);
    }

    TableWriter bytes(byte[] values) {
        makeRoom(values.length);
        System.arraycopy(values, 0, bytes, size, values.length);
        size += values.length;
        return this;
    }

    /** Text of any kind without a terminator. */
    TableWriter text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** ASCII text without a terminator. */
    TableWriter ascii(String text) {
        return bytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    TableWriter zeros(int count) {
        return bytes(new byte[count]);
    }

    private void makeRoom(int count) {
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + count));
        }
    }

    /** The byte at {@code offset}, unsigned. */
    int at(int offset) {
        return bytes[offset] & 0xFF;
    }

    /** Takes back all from {@code newSize} on. */
    void truncate(int newSize) {
        size = newSize;
    }

    void patch8(int offset, int value) {
        bytes[offset] = (byte) value;
    }

    void patch16(int offset, int value) {
        patch8(offset, value);
        patch8(offset + 1, value >>> 8);
    }

    void patch32(int offset, int value) {
        patch16(offset, value);
        patch16(offset + 2, value >>> 16);
    }

    /** Sets the byte at {@code offset}, zero until now, so that the bytes of {@code [start, end)} add up to zero. */
    void patchChecksum(int offset, int start, int end) {
        int sum = 0;
        for (int i = start; i < end; i++) {
            sum += bytes[i];
        }
        patch8(offset, bytes[offset] - sum);
    }
}
