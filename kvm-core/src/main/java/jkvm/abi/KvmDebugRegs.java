package jkvm.abi;

/** {@code struct kvm_debugregs}: DR0-DR3, DR6, DR7 (KVM API 4.33, KVM_GET_DEBUGREGS). */
public final class KvmDebugRegs extends KvmStruct {
    public static final long SIZE = 128;
    public static final long DB_OFFSET = 0;
    public static final long DR6_OFFSET = 32;
    public static final long DR7_OFFSET = 40;
    public static final long FLAGS_OFFSET = 48;

    /** A zeroed struct in memory of its own. */
    public KvmDebugRegs() {
        super(allocate(SIZE));
    }

    /** DR0 to DR3. */
    public long db(int i) {
        return getLong(element(DB_OFFSET, i, 4, 8));
    }

    public void db(int i, long value) {
        setLong(element(DB_OFFSET, i, 4, 8), value);
    }

    public long dr6() {
        return getLong(DR6_OFFSET);
    }

    public void dr6(long value) {
        setLong(DR6_OFFSET, value);
    }

    public long dr7() {
        return getLong(DR7_OFFSET);
    }

    public void dr7(long value) {
        setLong(DR7_OFFSET, value);
    }

    public long flags() {
        return getLong(FLAGS_OFFSET);
    }

    public void flags(long value) {
        setLong(FLAGS_OFFSET, value);
    }
}
