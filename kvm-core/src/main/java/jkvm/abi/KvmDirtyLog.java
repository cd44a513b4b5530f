package jkvm.abi;

/** {@code struct kvm_dirty_log} (KVM API 4.8, KVM_GET_DIRTY_LOG). */
public final class KvmDirtyLog extends KvmStruct {
    public static final long SIZE = 16;
    public static final long SLOT_OFFSET = 0;
    public static final long DIRTY_BITMAP_OFFSET = 8;

    /** A zeroed struct in memory of its own. */
    public KvmDirtyLog() {
        super(allocate(SIZE));
    }

    public int slot() {
        return getInt(SLOT_OFFSET);
    }

    public void slot(int value) {
        setInt(SLOT_OFFSET, value);
    }

    /** Host address of one bit per page, rounded up to 64 pages. */
    public long dirtyBitmap() {
        return getLong(DIRTY_BITMAP_OFFSET);
    }

    public void dirtyBitmap(long value) {
        setLong(DIRTY_BITMAP_OFFSET, value);
    }
}
