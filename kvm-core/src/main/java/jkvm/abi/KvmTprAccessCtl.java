package jkvm.abi;

/**
 * {@code struct kvm_tpr_access_ctl}: asks for an exit at each access to the task priority register
 * (KVM_TPR_ACCESS_REPORTING).
 */
public final class KvmTprAccessCtl extends KvmStruct {
    public static final long SIZE = 40;
    public static final long ENABLED_OFFSET = 0;
    public static final long FLAGS_OFFSET = 4;

    /** A zeroed struct in memory of its own. */
    public KvmTprAccessCtl() {
        super(allocate(SIZE));
    }

    public boolean isEnabled() {
        return getInt(ENABLED_OFFSET) != 0;
    }

    public void enabled(boolean value) {
        setInt(ENABLED_OFFSET, value ? 1 : 0);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }
}
