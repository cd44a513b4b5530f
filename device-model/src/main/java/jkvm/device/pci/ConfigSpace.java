package jkvm.device.pci;

import java.util.Arrays;

/** The 256 bytes of a function's configuration space, each bit read-only unless declared otherwise. Not thread-safe. */
final class ConfigSpace {
    static final int SIZE = 256;

    private final byte[] bytes = new byte[SIZE];
    private final byte[] powerOn = new byte[SIZE];
    private final byte[] writable = new byte[SIZE];
    private final byte[] clearable = new byte[SIZE];

    /** Sets a register's value, now and after each reset. */
    void define(int offset, int size, long value) {
        set(offset, size, value);
        System.arraycopy(bytes, offset, powerOn, offset, size);
    }

    /** Lets the guest write the bits of {@code mask}. */
    void allowWrites(int offset, int size, long mask) {
        for (int i = 0; i < size; i++) {
            writable[offset + i] |= (byte) (mask >>> 8 * i);
        }
    }

    /** The guest clears the bits of {@code mask} by writing ones. */
    void allowClearing(int offset, int size, long mask) {
        for (int i = 0; i < size; i++) {
            clearable[offset + i] |= (byte) (mask >>> 8 * i);
        }
    }

    long get(int offset, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (bytes[offset + i] & 0xFFL) << 8 * i;
        }
        return value;
    }

    /** Changes a register whatever the guest may do to it. */
    void set(int offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            bytes[offset + i] = (byte) (value >>> 8 * i);
        }
    }

    /** The guest writes. */
    void write(int offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            int at = offset + i;
            int written = (int) (value >>> 8 * i) & 0xFF;
            bytes[at] = (byte) ((bytes[at] & ~writable[at] | written & writable[at]) & ~(written & clearable[at]));
        }
    }

    void reset() {
        System.arraycopy(powerOn, 0, bytes, 0, SIZE);
    }

    byte[] toByteArray() {
        return bytes.clone();
    }

    /**
     * Takes over a saved space.
     *
     * @return false if it is that of another kind of function
     */
    boolean load(byte[] saved) {
        if (!Arrays.equals(saved, 0, Integer.BYTES, powerOn, 0, Integer.BYTES)) {
            return false;
        }
        System.arraycopy(saved, 0, bytes, 0, SIZE);
        return true;
    }
}
