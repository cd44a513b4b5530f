package jkvm.host.disk.qcow2;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.host.disk.Bytes;

/**
 * Refcounts of one width in a refcount block.
 *
 * @param order logarithm of the width in bits, 0 to 6
 */
record RefcountWidth(int order) {
    /** The refcount at {@code index} of a block. */
    long read(MemorySegment block, int index) {
        return switch (order) {
            case 3 -> Byte.toUnsignedLong(block.get(ValueLayout.JAVA_BYTE, index));
            case 4 -> Bytes.getShort(block, 2L * index);
            case 5 -> Integer.toUnsignedLong(Bytes.getInt(block, 4L * index));
            case 6 -> Bytes.getLong(block, 8L * index);
            default -> block.get(ValueLayout.JAVA_BYTE, position(index)) >> shift(index) & (1 << (1 << order)) - 1;
        };
    }

    /** The byte of a block that a refcount begins in. */
    int position(int index) {
        return (int) ((long) index << order >> 3);
    }

    /** Of a refcount narrower than a byte, within its byte: the first is the lowest. */
    private int shift(int index) {
        return index << order & 7;
    }

    /** Sets the refcount at {@code index} of a block. */
    void store(MemorySegment block, int index, long value) {
        switch (order) {
            case 3 -> block.set(ValueLayout.JAVA_BYTE, index, (byte) value);
            case 4 -> Bytes.putShort(block, 2L * index, (int) value);
            case 5 -> Bytes.putInt(block, 4L * index, (int) value);
            case 6 -> Bytes.putLong(block, 8L * index, value);
            default -> {
                int at = position(index);
                int mask = (1 << (1 << order)) - 1 << shift(index);
                int old = block.get(ValueLayout.JAVA_BYTE, at);
                block.set(ValueLayout.JAVA_BYTE, at, (byte) (old & ~mask | value << shift(index)));
            }
        }
    }

    /** Whether a refcount can have this value. */
    boolean fits(long value) {
        return order == 6 ? value >= 0 : value >= 0 && value < 1L << (1 << order);
    }
}
