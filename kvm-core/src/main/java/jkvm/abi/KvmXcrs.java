package jkvm.abi;

/** {@code struct kvm_xcrs}: extended control registers, in practice XCR0 alone (KVM API 4.44, KVM_GET_XCRS). */
public final class KvmXcrs extends KvmStruct {
    public static final long SIZE = 392;
    public static final long NR_XCRS_OFFSET = 0;
    public static final long FLAGS_OFFSET = 4;
    public static final long XCRS_OFFSET = 8;
    /** Entries that there is room for. */
    public static final int MAX_XCRS = 16;
    private static final long ENTRY_SIZE = 16;
    private static final long VALUE_OFFSET = 8;

    /** A zeroed struct in memory of its own. */
    public KvmXcrs() {
        super(allocate(SIZE));
    }

    public int nrXcrs() {
        return getInt(NR_XCRS_OFFSET);
    }

    public void nrXcrs(int value) {
        setInt(NR_XCRS_OFFSET, value);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    /** The number of register {@code i} of {@link #nrXcrs()}. */
    public int xcr(int i) {
        return getInt(element(XCRS_OFFSET, i, MAX_XCRS, ENTRY_SIZE));
    }

    public long value(int i) {
        return getLong(element(XCRS_OFFSET, i, MAX_XCRS, ENTRY_SIZE) + VALUE_OFFSET);
    }

    /** Sets entry {@code i} to the register {@code xcr} and its value. */
    public void set(int i, int xcr, long value) {
        setInt(element(XCRS_OFFSET, i, MAX_XCRS, ENTRY_SIZE), xcr);
        setLong(element(XCRS_OFFSET, i, MAX_XCRS, ENTRY_SIZE) + VALUE_OFFSET, value);
    }
}
