package jkvm.abi;

/** {@code struct kvm_device_attr} (KVM API 4.80, KVM_SET_DEVICE_ATTR). */
public final class KvmDeviceAttr extends KvmStruct {
    public static final long SIZE = 24;
    public static final long FLAGS_OFFSET = 0;
    public static final long GROUP_OFFSET = 4;
    public static final long ATTR_OFFSET = 8;
    public static final long ADDR_OFFSET = 16;
    /** Group of a vCPU: its time-stamp counter; attribute {@link #TSC_OFFSET}. */
    public static final int VCPU_TSC_CTRL = 0;
    public static final long TSC_OFFSET = 0;

    /** A zeroed struct in memory of its own. */
    public KvmDeviceAttr() {
        super(allocate(SIZE));
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    public int group() {
        return getInt(GROUP_OFFSET);
    }

    public void group(int value) {
        setInt(GROUP_OFFSET, value);
    }

    public long attr() {
        return getLong(ATTR_OFFSET);
    }

    public void attr(long value) {
        setLong(ATTR_OFFSET, value);
    }

    /** Host address of the attribute's data. */
    public long addr() {
        return getLong(ADDR_OFFSET);
    }

    public void addr(long value) {
        setLong(ADDR_OFFSET, value);
    }
}
