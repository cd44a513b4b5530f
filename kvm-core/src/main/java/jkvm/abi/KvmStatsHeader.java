package jkvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_stats_header}: the start of a statistics descriptor (KVM_GET_STATS_FD). */
public final class KvmStatsHeader extends KvmStruct {
    public static final long SIZE = 24;
    public static final long FLAGS_OFFSET = 0;
    public static final long NAME_SIZE_OFFSET = 4;
    public static final long NUM_DESC_OFFSET = 8;
    public static final long ID_OFFSET_OFFSET = 12;
    public static final long DESC_OFFSET_OFFSET = 16;
    public static final long DATA_OFFSET_OFFSET = 20;

    /** A zeroed struct in memory of its own. */
    public KvmStatsHeader() {
        this(allocate(SIZE));
    }

    /** A view of a struct inside other memory. */
    public KvmStatsHeader(MemorySegment segment) {
        super(segment);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    /** Bytes of each name, the closing zero included. */
    public int nameSize() {
        return getInt(NAME_SIZE_OFFSET);
    }

    public void nameSize(int value) {
        setInt(NAME_SIZE_OFFSET, value);
    }

    public int numDesc() {
        return getInt(NUM_DESC_OFFSET);
    }

    public void numDesc(int value) {
        setInt(NUM_DESC_OFFSET, value);
    }

    public int idOffset() {
        return getInt(ID_OFFSET_OFFSET);
    }

    public void idOffset(int value) {
        setInt(ID_OFFSET_OFFSET, value);
    }

    public int descOffset() {
        return getInt(DESC_OFFSET_OFFSET);
    }

    public void descOffset(int value) {
        setInt(DESC_OFFSET_OFFSET, value);
    }

    public int dataOffset() {
        return getInt(DATA_OFFSET_OFFSET);
    }

    public void dataOffset(int value) {
        setInt(DATA_OFFSET_OFFSET, value);
    }
}
