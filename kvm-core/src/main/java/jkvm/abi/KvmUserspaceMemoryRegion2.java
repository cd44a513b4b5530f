package jkvm.abi;

/**
 * {@code struct kvm_userspace_memory_region2}: a slot of guest memory that may have a guest memory file for its private
 * pages (KVM API 4.140). Flags as in {@link KvmUserspaceMemoryRegion}.
 */
public final class KvmUserspaceMemoryRegion2 extends KvmStruct {
    public static final long SIZE = 160;
    public static final long SLOT_OFFSET = 0;
    public static final long FLAGS_OFFSET = 4;
    public static final long GUEST_PHYS_ADDR_OFFSET = 8;
    public static final long MEMORY_SIZE_OFFSET = 16;
    public static final long USERSPACE_ADDR_OFFSET = 24;
    public static final long GUEST_MEMFD_OFFSET_OFFSET = 32;
    public static final long GUEST_MEMFD_OFFSET = 40;

    /** A zeroed struct in memory of its own. */
    public KvmUserspaceMemoryRegion2() {
        super(allocate(SIZE));
    }

    public int slot() {
        return getInt(SLOT_OFFSET);
    }

    public void slot(int value) {
        setInt(SLOT_OFFSET, value);
    }

    public int flags() {
        return getInt(FLAGS_OFFSET);
    }

    public void flags(int value) {
        setInt(FLAGS_OFFSET, value);
    }

    public long guestPhysAddr() {
        return getLong(GUEST_PHYS_ADDR_OFFSET);
    }

    public void guestPhysAddr(long value) {
        setLong(GUEST_PHYS_ADDR_OFFSET, value);
    }

    public long memorySize() {
        return getLong(MEMORY_SIZE_OFFSET);
    }

    public void memorySize(long value) {
        setLong(MEMORY_SIZE_OFFSET, value);
    }

    public long userspaceAddr() {
        return getLong(USERSPACE_ADDR_OFFSET);
    }

    public void userspaceAddr(long value) {
        setLong(USERSPACE_ADDR_OFFSET, value);
    }

    public long guestMemfdOffset() {
        return getLong(GUEST_MEMFD_OFFSET_OFFSET);
    }

    public void guestMemfdOffset(long value) {
        setLong(GUEST_MEMFD_OFFSET_OFFSET, value);
    }

    public int guestMemfd() {
        return getInt(GUEST_MEMFD_OFFSET);
    }

    public void guestMemfd(int value) {
        setInt(GUEST_MEMFD_OFFSET, value);
    }
}
