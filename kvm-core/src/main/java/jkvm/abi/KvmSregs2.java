package jkvm.abi;

/**
 * {@code struct kvm_sregs2}: special registers as in {@link KvmSregs}, with the page directory pointers of PAE paging
 * instead of the interrupt bitmap (KVM_GET_SREGS2).
 */
public final class KvmSregs2 extends KvmStruct {
    public static final long SIZE = 320;
    public static final long FLAGS_OFFSET = 280;
    public static final long PDPTRS_OFFSET = 288;
    /** Flag: {@link #pdptrs} are valid. */
    public static final int PDPTRS_VALID = 1;

    /** A zeroed struct in memory of its own. */
    public KvmSregs2() {
        super(allocate(SIZE));
    }

    public long flags() {
        return getLong(FLAGS_OFFSET);
    }

    public void flags(long value) {
        setLong(FLAGS_OFFSET, value);
    }

    /** Element {@code i}, from 0 to 3. */
    public long pdptrs(int i) {
        return getLong(element(PDPTRS_OFFSET, i, 4, 8));
    }

    public void pdptrs(int i, long value) {
        setLong(element(PDPTRS_OFFSET, i, 4, 8), value);
    }

    /** The fields that both structs have. Its interrupt bitmap overlays this struct's own fields: leave it alone. */
    public KvmSregs common() {
        return new KvmSregs(segment().asSlice(0, KvmSregs.SIZE));
    }
}
