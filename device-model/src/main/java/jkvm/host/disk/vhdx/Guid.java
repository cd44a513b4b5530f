package jkvm.host.disk.vhdx;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * A GUID as VHDX stores it: the first three parts little-endian, the rest byte by byte.
 *
 * @param low  the first eight bytes, as a little-endian number
 * @param high the last eight
 */
record Guid(long low, long high) {
    static final int SIZE = 16;
    static final Guid ZERO = new Guid(0, 0);
    private static final ValueLayout.OfLong LITTLE =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Reads the usual text form. */
    static Guid of(String text) {
        return of(UUID.fromString(text));
    }

    static Guid random() {
        return of(UUID.randomUUID());
    }

    private static Guid of(UUID id) {
        long first = id.getMostSignificantBits();
        return new Guid(first >>> 32 | (first >>> 16 & 0xffff) << 32 | (first & 0xffff) << 48,
                Long.reverseBytes(id.getLeastSignificantBits()));
    }

    static Guid read(MemorySegment bytes, long at) {
        return new Guid(bytes.get(LITTLE, at), bytes.get(LITTLE, at + 8));
    }

    void write(MemorySegment bytes, long at) {
        bytes.set(LITTLE, at, low);
        bytes.set(LITTLE, at + 8, high);
    }
}
