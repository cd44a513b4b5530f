package jkvm.abi;

/** {@code struct kvm_enable_cap} (KVM API 4.37, KVM_ENABLE_CAP). */
public final class KvmEnableCap extends KvmStruct {
    public static final long SIZE = 104;
    public static final long CAP_OFFSET = 0;
    public static final long FLAGS_OFFSET = 4;
    public static final long ARGS_OFFSET = 8;

    /** A zeroed struct in memory of its own. */
    public KvmEnableCap() {
        super(allocate(SIZE));
    }

    public int cap() {
        return getInt(CAP_OFFSET);
    }

    public void cap(int value) {
        setInt(CAP_OFFSET, value);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    /** Element {@code i}, from 0 to 3. */
    public long args(int i) {
        return getLong(element(ARGS_OFFSET, i, 4, 8));
    }

    public void args(int i, long value) {
        setLong(element(ARGS_OFFSET, i, 4, 8), value);
    }
}
