package jkvm.abi;

/** {@code struct kvm_userspace_memory_region}: a slot of guest memory (KVM API 4.35). */
public final class KvmUserspaceMemoryRegion extends KvmStruct {
    public static final long SIZE = 32;
    public static final long SLOT_OFFSET = 0;
    public static final long FLAGS_OFFSET = 4;
    public static final long GUEST_PHYS_ADDR_OFFSET = 8;
    public static final long MEMORY_SIZE_OFFSET = 16;
    public static final long USERSPACE_ADDR_OFFSET = 24;
    /** Flag: record which pages the guest writes. */
    public static final int LOG_DIRTY_PAGES = 1;
    /** Flag: the guest's writes exit as MMIO. */
    public static final int READONLY = 2;
    /** Flag, KVM_SET_USER_MEMORY_REGION2 only: private pages come from a guest memory file. */
    public static final int GUEST_MEMFD = 4;

    /** A zeroed struct in memory of its own. */
    public KvmUserspaceMemoryRegion() {
        super(allocate(SIZE));
    }

    /** The slot in the low 16 bits, the address space in the high ones. */
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

    /** Bytes, a multiple of the page size; zero removes the slot. */
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
}
