package jkvm.host.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jkvm.linux.Fd;

/** Big-endian numbers at any address, as qcow2 stores them. */
public final class Bytes {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Bytes() {
    }

    public static long getLong(MemorySegment segment, long offset) {
        return segment.get(LONG, offset);
    }

    public static void putLong(MemorySegment segment, long offset, long value) {
        segment.set(LONG, offset, value);
    }

    public static int getInt(MemorySegment segment, long offset) {
        return segment.get(INT, offset);
    }

    public static void putInt(MemorySegment segment, long offset, int value) {
        segment.set(INT, offset, value);
    }

    public static int getShort(MemorySegment segment, long offset) {
        return Short.toUnsignedInt(segment.get(SHORT, offset));
    }

    public static void putShort(MemorySegment segment, long offset, int value) {
        segment.set(SHORT, offset, (short) value);
    }

    /** Zeroed memory that lives as long as it is referred to. */
    public static MemorySegment allocate(long size) {
        return Arena.ofAuto().allocate(size, Math.min(Fd.DIRECT_ALIGNMENT, Long.highestOneBit(Math.max(1, size))));
    }

    /** Reads a range that a well-formed file has all of. */
    public static MemorySegment readFully(BlockFile file, long position, long size, String what) throws IOException {
        MemorySegment bytes = allocate(Math.max(size, 1));
        if (file.read(position, bytes.asSlice(0, size)) < size) {
            throw new IOException(what + " lies past the end of the file");
        }
        return bytes.asSlice(0, size);
    }

    public static void writeLong(BlockFile file, long position, long value) throws IOException {
        MemorySegment bytes = allocate(Long.BYTES);
        putLong(bytes, 0, value);
        file.write(position, bytes);
    }

    /** The next multiple of {@code unit}, a power of two. */
    public static long roundUp(long value, long unit) {
        return value + unit - 1 & -unit;
    }

    public static long divideUp(long value, long unit) {
        return value / unit + (value % unit == 0 ? 0 : 1);
    }
}
