package jkvm.abi;

/** {@code struct kvm_pit_config} (KVM API 4.71, KVM_CREATE_PIT2). */
public final class KvmPitConfig extends KvmStruct {
    public static final long SIZE = 64;
    public static final long FLAGS_OFFSET = 0;
    /** Flag: port 0x61 is answered by the kernel. */
    public static final int SPEAKER_DUMMY = 1;

    /** A zeroed struct in memory of its own. */
    public KvmPitConfig() {
        super(allocate(SIZE));
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }
}
