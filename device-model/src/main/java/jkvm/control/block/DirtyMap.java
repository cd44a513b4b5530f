package jkvm.control.block;

import java.util.concurrent.atomic.AtomicLongArray;
import jkvm.host.image.WriteWatch;

/** The ranges that are still to be copied. Any thread may call; none waits. */
final class DirtyMap implements WriteWatch {
    private static final int MIN_BITS = 16, MAX_UNITS_BITS = 26;

    private final long size;
    private final int unitBits;
    private final AtomicLongArray words;

    /** @param size of the disk, in bytes */
    DirtyMap(long size) {
        this.size = size;
        int sizeBits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, size));
        // A bit stands for 64 KiB, or for more on a disk so large that the bits would take much room.
        unitBits = Math.max(MIN_BITS, sizeBits - MAX_UNITS_BITS);
        words = new AtomicLongArray((int) ((size >>> unitBits) / Long.SIZE + 1));
    }

    @Override
    public void written(long offset, long length) {
        if (length > 0 && offset < size) {
            long last = Math.min(size, offset + length) - 1 >>> unitBits;
            for (long unit = offset >>> unitBits; unit <= last; unit++) {
                set((int) (unit / Long.SIZE), 1L << unit);
            }
        }
    }

    private void set(int index, long bit) {
        long word = words.get(index);
        while ((word & bit) == 0) {
            word = words.compareAndExchange(index, word, word | bit);
        }
    }

    private void clear(int index, long bit) {
        long word = words.get(index);
        while ((word & bit) != 0) {
            word = words.compareAndExchange(index, word, word & ~bit);
        }
    }

    /** Takes the first range from {@code from} on, which then counts as copied. @return -1 if there is none */
    long take(long from) {
        for (int i = (int) ((from >>> unitBits) / Long.SIZE); i < words.length(); i++) {
            long first = (long) i * Long.SIZE << unitBits;
            long word = words.get(i) & (from > first ? -1L << (from >>> unitBits) : -1L);
            if (word != 0) {
                long bit = Long.lowestOneBit(word);
                clear(i, bit);
                return first + ((long) Long.numberOfTrailingZeros(bit) << unitBits);
            }
        }
        return -1;
    }

    /** The length of a range that begins at {@code offset}. */
    long length(long offset) {
        return Math.min(1L << unitBits, size - offset);
    }

    /** Bytes of all ranges. */
    long count() {
        long bits = 0;
        for (int i = 0; i < words.length(); i++) {
            bits += Long.bitCount(words.get(i));
        }
        return Math.min(size, bits << unitBits);
    }
}
