package jkvm.abi;

/** {@code struct kvm_coalesced_mmio_zone}: addresses or ports whose writes are collected in a ring (KVM API 4.116). */
public final class KvmCoalescedMmioZone extends KvmStruct {
    public static final long SIZE = 16;
    public static final long ADDR_OFFSET = 0;
    public static final long SIZE_OFFSET = 8;
    public static final long PIO_OFFSET = 12;

    /** A zeroed struct in memory of its own. */
    public KvmCoalescedMmioZone() {
        super(allocate(SIZE));
    }

    public long addr() {
        return getLong(ADDR_OFFSET);
    }

    public void addr(long value) {
        setLong(ADDR_OFFSET, value);
    }

    public int size() {
        return getInt(SIZE_OFFSET);
    }

    public void size(int value) {
        setInt(SIZE_OFFSET, value);
    }

    /** Ports instead of memory addresses. */
    public boolean isPio() {
        return getInt(PIO_OFFSET) != 0;
    }

    public void pio(boolean value) {
        setInt(PIO_OFFSET, value ? 1 : 0);
    }
}
