package jkvm.abi;

import java.util.Objects;

/** {@code struct kvm_msrs} with its entries: model-specific registers by number (KVM API 4.18, KVM_GET_MSRS). */
public final class KvmMsrs extends KvmStruct {
    public static final long SIZE = 8;
    public static final long NMSRS_OFFSET = 0;
    public static final long ENTRIES_OFFSET = 8;
    public static final long ENTRY_SIZE = 16;
    public static final long ENTRY_INDEX_OFFSET = 0;
    public static final long ENTRY_DATA_OFFSET = 8;
    private final int capacity;

    /** Room for {@code capacity} entries, all of them in use and zero. */
    public KvmMsrs(int capacity) {
        super(allocate(SIZE + capacity * ENTRY_SIZE));
        this.capacity = capacity;
        nmsrs(capacity);
    }

    /** One entry per number, with data zero. */
    public static KvmMsrs of(int... indices) {
        KvmMsrs msrs = new KvmMsrs(indices.length);
        for (int i = 0; i < indices.length; i++) {
            msrs.set(i, indices[i], 0);
        }
        return msrs;
    }

    /** Entries in use. */
    public int nmsrs() {
        return getInt(NMSRS_OFFSET);
    }

    public void nmsrs(int value) {
        setInt(NMSRS_OFFSET, value);
    }

    /** Entries that there is room for. */
    public int capacity() {
        return capacity;
    }

    /** The register's number in entry {@code i}. */
    public int index(int i) {
        return getInt(entry(i) + ENTRY_INDEX_OFFSET);
    }

    public long data(int i) {
        return getLong(entry(i) + ENTRY_DATA_OFFSET);
    }

    public void data(int i, long value) {
        setLong(entry(i) + ENTRY_DATA_OFFSET, value);
    }

    /** Sets entry {@code i} to a register's number and value. */
    public void set(int i, int index, long data) {
        setInt(entry(i) + ENTRY_INDEX_OFFSET, index);
        setLong(entry(i) + ENTRY_DATA_OFFSET, data);
    }

    /** The value of a register in one of the entries in use; zero if there is none for it. */
    public long valueOf(int index) {
        for (int i = 0; i < nmsrs(); i++) {
            if (index(i) == index) {
                return data(i);
            }
        }
        return 0;
    }

    private long entry(int i) {
        return ENTRIES_OFFSET + Objects.checkIndex(i, capacity) * ENTRY_SIZE;
    }
}
