package jkvm.abi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A view of one kernel struct in native memory. Not thread-safe: a struct belongs to the thread that fills it. Unsigned
 * fields come as Java's signed type of the same width.
 */
public abstract class KvmStruct {
    private static final long ALIGNMENT = 8;
    private final MemorySegment segment;

    /** @param segment native memory of at least the struct's size, aligned to 8 bytes */
    protected KvmStruct(MemorySegment segment) {
        this.segment = segment;
    }

    /** Zeroed memory that lives as long as the struct's object. */
    protected static MemorySegment allocate(long size) {
        return Arena.ofAuto().allocate(size, ALIGNMENT);
    }

    /** The memory itself. */
    public final MemorySegment segment() {
        return segment;
    }

    /** Its address, to hand to an ioctl. */
    public final long address() {
        return segment.address();
    }

    /** Copies all fields from a struct of the same type. */
    protected final void copyFrom(KvmStruct other) {
        segment.copyFrom(other.segment);
    }

    /**
     * The offset of element {@code index} of an array.
     *
     * @throws IndexOutOfBoundsException if it has no such element
     */
    protected static long element(long offset, int index, int length, long stride) {
        return offset + Objects.checkIndex(index, length) * stride;
    }

    protected final byte getByte(long offset) {
        return segment.get(ValueLayout.JAVA_BYTE, offset);
    }

    protected final void setByte(long offset, byte value) {
        segment.set(ValueLayout.JAVA_BYTE, offset, value);
    }

    protected final short getShort(long offset) {
        return segment.get(ValueLayout.JAVA_SHORT, offset);
    }

    protected final void setShort(long offset, short value) {
        segment.set(ValueLayout.JAVA_SHORT, offset, value);
    }

    protected final int getInt(long offset) {
        return segment.get(ValueLayout.JAVA_INT, offset);
    }

    protected final void setInt(long offset, int value) {
        segment.set(ValueLayout.JAVA_INT, offset, value);
    }

    protected final long getLong(long offset) {
        return segment.get(ValueLayout.JAVA_LONG, offset);
    }

    protected final void setLong(long offset, long value) {
        segment.set(ValueLayout.JAVA_LONG, offset, value);
    }
}
