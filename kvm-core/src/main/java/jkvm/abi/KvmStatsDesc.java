package jkvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_stats_desc}: one statistic: type, unit and where its values lie. Its name follows it. */
public final class KvmStatsDesc extends KvmStruct {
    public static final long SIZE = 16;
    public static final long FLAGS_OFFSET = 0;
    public static final long EXPONENT_OFFSET = 4;
    public static final long SIZE_OFFSET = 6;
    public static final long OFFSET_OFFSET = 8;
    public static final long BUCKET_SIZE_OFFSET = 12;
    public static final long NAME_OFFSET = 16;
    public static final int TYPE_MASK = 0xF;
    public static final int UNIT_SHIFT = 4, UNIT_MASK = 0xF0;
    public static final int BASE_SHIFT = 8, BASE_MASK = 0xF00;

    /** A view of a struct inside other memory. */
    public KvmStatsDesc(MemorySegment segment) {
        super(segment);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    public int exponent() {
        return getShort(EXPONENT_OFFSET);
    }

    public void exponent(int value) {
        setShort(EXPONENT_OFFSET, (short) value);
    }

    /** Values, of 8 bytes each; more than one for a histogram. */
    public int size() {
        return Short.toUnsignedInt(getShort(SIZE_OFFSET));
    }

    public void size(int value) {
        setShort(SIZE_OFFSET, (short) value);
    }

    /** Of the first value, from the start of the data. */
    public int offset() {
        return getInt(OFFSET_OFFSET);
    }

    public void offset(int value) {
        setInt(OFFSET_OFFSET, value);
    }

    public int bucketSize() {
        return getInt(BUCKET_SIZE_OFFSET);
    }

    public void bucketSize(int value) {
        setInt(BUCKET_SIZE_OFFSET, value);
    }

    /** 0 cumulative, 1 instant, 2 peak, 3 linear histogram, 4 logarithmic histogram. */
    public int type() {
        return flags() & TYPE_MASK;
    }

    /** 0 none, 1 bytes, 2 seconds, 3 cycles, 4 boolean; a value times {@link #base()} to the {@link #exponent()}. */
    public int unit() {
        return (flags() & UNIT_MASK) >> UNIT_SHIFT;
    }

    /** 10 or 2. */
    public int base() {
        return (flags() & BASE_MASK) == 0 ? 10 : 2;
    }

    /** The statistic's name. */
    public String name() {
        return segment().getString(NAME_OFFSET);
    }
}
