package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import jkvm.host.disk.Bytes;

/**
 * An entry of the directory of bitmaps (docs/interop/qcow2, "Bitmap directory").
 *
 * @param place           where the entry is in the file; -1 if it is not there yet
 * @param tableOffset     where the bitmap's table is in the file
 * @param tableSize       entries of the table
 * @param flags           see the constants
 * @param type            1 for a bitmap of what was written
 * @param granularityBits logarithm of how many bytes a bit stands for
 * @param extraSize       bytes of what is not known here
 */
record StoredBitmap(String name, long place, long tableOffset, int tableSize, int flags, int type,
        int granularityBits, long extraSize) {
    static final int IN_USE = 1, AUTO = 2;
    static final int DIRTY_TRACKING = 1;
    static final int FIXED_SIZE = 24, FLAGS_FIELD = 12;
    static final int MIN_GRANULARITY_BITS = 9, MAX_GRANULARITY_BITS = 31, MAX_NAME = 1023;

    /** Whether its bits are not what they should be: the image is open, or was not closed. */
    boolean isInUse() {
        return (flags & IN_USE) != 0;
    }

    /** Whether writes are noted in it. */
    boolean isEnabled() {
        return (flags & AUTO) != 0;
    }

    StoredBitmap withFlags(int value) {
        return new StoredBitmap(name, place, tableOffset, tableSize, value, type, granularityBits, extraSize);
    }

    /** How many bits it has for a disk. */
    long bits(long capacity) {
        return Bytes.divideUp(capacity, 1L << granularityBits);
    }

    /** How many clusters its bits take. */
    long clusters(long capacity, int clusterSize) {
        return Bytes.divideUp(Bytes.divideUp(bits(capacity), 8), clusterSize);
    }

    /** @throws IOException if it cannot be kept up to date here */
    void check(long capacity, int clusterSize) throws IOException {
        boolean known = type == DIRTY_TRACKING && extraSize == 0 && (flags & ~(IN_USE | AUTO)) == 0
                && granularityBits >= MIN_GRANULARITY_BITS && granularityBits <= MAX_GRANULARITY_BITS;
        if (!known || tableSize != clusters(capacity, clusterSize) || bits(capacity) > Integer.MAX_VALUE) {
            throw new IOException("bitmap '" + name + "' is damaged or of an unknown kind");
        }
    }

    /** The entry as it is stored, with its padding. */
    MemorySegment encode() {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        MemorySegment bytes = Bytes.allocate(Bytes.roundUp(FIXED_SIZE + text.length, 8));
        Bytes.putLong(bytes, 0, tableOffset);
        Bytes.putInt(bytes, 8, tableSize);
        Bytes.putInt(bytes, FLAGS_FIELD, flags);
        bytes.set(ValueLayout.JAVA_BYTE, 16, (byte) type);
        bytes.set(ValueLayout.JAVA_BYTE, 17, (byte) granularityBits);
        Bytes.putShort(bytes, 18, text.length);
        MemorySegment.copy(text, 0, bytes, ValueLayout.JAVA_BYTE, FIXED_SIZE, text.length);
        return bytes;
    }
}
