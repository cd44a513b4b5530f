package jkvm.abi;

/** {@code struct kvm_clear_dirty_log} (KVM API 4.117, KVM_CLEAR_DIRTY_LOG). */
public final class KvmClearDirtyLog extends KvmStruct {
    public static final long SIZE = 24;
    public static final long SLOT_OFFSET = 0;
    public static final long NUM_PAGES_OFFSET = 4;
    public static final long FIRST_PAGE_OFFSET = 8;
    public static final long DIRTY_BITMAP_OFFSET = 16;

    /** A zeroed struct in memory of its own. */
    public KvmClearDirtyLog() {
        super(allocate(SIZE));
    }

    public int slot() {
        return getInt(SLOT_OFFSET);
    }

    public void slot(int value) {
        setInt(SLOT_OFFSET, value);
    }

    /** A multiple of 64, or up to the end of the slot. */
    public int numPages() {
        return getInt(NUM_PAGES_OFFSET);
    }

    public void numPages(int value) {
        setInt(NUM_PAGES_OFFSET, value);
    }

    /** A multiple of 64. */
    public long firstPage() {
        return getLong(FIRST_PAGE_OFFSET);
    }

    public void firstPage(long value) {
        setLong(FIRST_PAGE_OFFSET, value);
    }

    /** Host address of one bit per page; bit 0 is the first page. */
    public long dirtyBitmap() {
        return getLong(DIRTY_BITMAP_OFFSET);
    }

    public void dirtyBitmap(long value) {
        setLong(DIRTY_BITMAP_OFFSET, value);
    }
}
