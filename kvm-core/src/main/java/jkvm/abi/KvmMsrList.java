package jkvm.abi;

import java.util.Objects;

/** {@code struct kvm_msr_list} with its indices: register numbers (KVM API 4.3, KVM_GET_MSR_INDEX_LIST). */
public final class KvmMsrList extends KvmStruct {
    public static final long SIZE = 4;
    public static final long NMSRS_OFFSET = 0;
    public static final long INDICES_OFFSET = 4;
    private final int capacity;

    /** Room for {@code capacity} numbers. */
    public KvmMsrList(int capacity) {
        super(allocate(SIZE + capacity * 4L));
        this.capacity = capacity;
        nmsrs(capacity);
    }

    /** Numbers in the list; after a refusal (E2BIG) how many there would be. */
    public int nmsrs() {
        return getInt(NMSRS_OFFSET);
    }

    public void nmsrs(int value) {
        setInt(NMSRS_OFFSET, value);
    }

    public int index(int i) {
        return getInt(INDICES_OFFSET + Objects.checkIndex(i, capacity) * 4L);
    }
}
