package jkvm.abi;

/** {@code struct kvm_create_device} (KVM API 4.79, KVM_CREATE_DEVICE). */
public final class KvmCreateDevice extends KvmStruct {
    public static final long SIZE = 12;
    public static final long TYPE_OFFSET = 0;
    public static final long FD_OFFSET = 4;
    public static final long FLAGS_OFFSET = 8;
    /** Type: the tie between VFIO groups and a VM. */
    public static final int TYPE_VFIO = 4;
    /** Flag: only test whether the type is there. */
    public static final int TEST = 1;

    /** A zeroed struct in memory of its own. */
    public KvmCreateDevice() {
        super(allocate(SIZE));
    }

    public int type() {
        return getInt(TYPE_OFFSET);
    }

    public void type(int value) {
        setInt(TYPE_OFFSET, value);
    }

    /** The new descriptor, after the call. */
    public int fd() {
        return getInt(FD_OFFSET);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }
}
