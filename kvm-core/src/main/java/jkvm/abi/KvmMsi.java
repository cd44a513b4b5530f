package jkvm.abi;

/** {@code struct kvm_msi}: a message-signalled interrupt (KVM API 4.70, KVM_SIGNAL_MSI). */
public final class KvmMsi extends KvmStruct {
    public static final long SIZE = 32;
    public static final long ADDRESS_LO_OFFSET = 0;
    public static final long ADDRESS_HI_OFFSET = 4;
    public static final long DATA_OFFSET = 8;
    public static final long FLAGS_OFFSET = 12;
    public static final long DEVID_OFFSET = 16;

    /** A zeroed struct in memory of its own. */
    public KvmMsi() {
        super(allocate(SIZE));
    }

    public int addressLo() {
        return getInt(ADDRESS_LO_OFFSET);
    }

    public void addressLo(int value) {
        setInt(ADDRESS_LO_OFFSET, value);
    }

    public int addressHi() {
        return getInt(ADDRESS_HI_OFFSET);
    }

    public void addressHi(int value) {
        setInt(ADDRESS_HI_OFFSET, value);
    }

    public int data() {
        return getInt(DATA_OFFSET);
    }

    public void data(int value) {
        setInt(DATA_OFFSET, value);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    public int devid() {
        return getInt(DEVID_OFFSET);
    }

    public void devid(int value) {
        setInt(DEVID_OFFSET, value);
    }
}
