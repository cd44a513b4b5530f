package jkvm.abi;

/**
 * {@code struct kvm_coalesced_mmio_ring} and its {@code struct kvm_coalesced_mmio} entries, which fill a page (KVM API
 * 4.116). The kernel writes at {@code last}, the reader takes from {@code first}; the ring is empty where they are
 * equal.
 */
public final class KvmCoalescedMmioRing {
    public static final long FIRST_OFFSET = 0;
    public static final long LAST_OFFSET = 4;
    public static final long ENTRIES_OFFSET = 8;
    public static final long ENTRY_SIZE = 24;
    public static final long ENTRY_PHYS_ADDR_OFFSET = 0;
    public static final long ENTRY_LEN_OFFSET = 8;
    public static final long ENTRY_PIO_OFFSET = 12;
    public static final long ENTRY_DATA_OFFSET = 16;
    /** Entries of a ring; one of them is always free. */
    public static final int CAPACITY = (int) ((4096 - ENTRIES_OFFSET) / ENTRY_SIZE);

    private KvmCoalescedMmioRing() {
    }
}
